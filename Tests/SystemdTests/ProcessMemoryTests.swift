import Testing

@testable import Systemd

struct ProcessMemoryTests {
  @Test func codeFromAFileIsGivenBack() {
    #expect(
      ProcessMemory.codeRange("55d0a000-55d0c000 r-xp 00001000 fe:00 123   /usr/bin/promptd\n")
        == 0x55d0_a000..<0x55d0_c000)
  }

  @Test(
    "Nothing else is, for it may have been written to",
    arguments: [
      "55d0a000-55d0c000 r--p 00001000 fe:00 123   /usr/bin/promptd",
      "55d0a000-55d0c000 rw-p 00001000 fe:00 123   /usr/bin/promptd",
      "55d0a000-55d0c000 rwxp 00001000 fe:00 123   /usr/bin/promptd",
      "7ffe0000-7ffe2000 r-xp 00000000 00:00 0     [vdso]",
      "7ffe0000-7ffe2000 r-xp 00000000 00:00 0", "", "55d0c000-55d0a000 r-xp 0 fe:00 1 /a",
      "x-y r-xp 0 fe:00 1 /a", "55d0a000 r-xp 0 fe:00 1 /a",
    ])
  func nothingElse(line: String) { #expect(ProcessMemory.codeRange(line) == nil) }

  @Test func whatWasGivenBackIsThereWhenItIsUsed() {
    ProcessMemory.giveBackCode()
    ProcessMemory.giveBackFreed()
    #expect([3, 1, 2].sorted() == [1, 2, 3])
  }
}
