import FoundationEssentials
import Testing

@testable import promptctl

struct ImageSourceTests {
  @Test(arguments: ["https://h/a.png", "HTTP://h/a", "data:image/png;base64,AA=="])
  func addressesGoAsTheyAre(address: String) throws {
    #expect(try ImageSource.url(address) == address)
  }

  @Test func aFileBecomesADataAddress() throws {
    let file = FileManager.default.temporaryDirectory.appending(
      path: "promptctl-test-\(UUID().uuidString)")
    try Data("GIF89a".utf8).write(to: file)
    defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: file) } }
    #expect(try ImageSource.url(file.path) == "data:image/gif;base64,R0lGODlh")
    try Data("text".utf8).write(to: file)
    let error = #expect(throws: Ending.self) { try ImageSource.url(file.path) }
    #expect(error?.code == 65)
  }

  @Test func aFileThatIsNotThereIsNamed() {
    let error = #expect(throws: Ending.self) { try ImageSource.url("/nowhere.png") }
    #expect(error?.message == "cannot read /nowhere.png: No such file or directory")
  }

  @Test func theMediaTypeIsToldByTheFirstBytes() {
    #expect(ImageSource.mediaType([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) == "image/png")
    #expect(ImageSource.mediaType([0xFF, 0xD8, 0xFF, 0xE0]) == "image/jpeg")
    #expect(ImageSource.mediaType(Array("RIFF0000WEBPVP8 ".utf8)) == "image/webp")
    #expect(ImageSource.mediaType(Array("RIFF0000WAVE".utf8)) == nil)
    #expect(ImageSource.mediaType([]) == nil)
  }
}
