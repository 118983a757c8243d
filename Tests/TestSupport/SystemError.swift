/// A system call of a test that failed, as errno(3) has it.
package struct SystemError: Error {
  package var code: Int32

  package init(_ code: Int32) { self.code = code }
}
