/// A system call of a test that failed, as errno(3) has it.
struct SystemError: Error {
  var code: Int32
  init(_ code: Int32) { self.code = code }
}
