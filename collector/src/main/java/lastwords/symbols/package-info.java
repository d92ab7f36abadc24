/// Finds files and lines for the functions of a stack, from debug information of the kernel that
/// crashed.
///
/// [Symbols] is the door. [DebugFiles] finds vmlinux and modules by build id or release, [Elf]
/// knows where a function of that name and size lies, and a [Symbolizer], a child process of LLVM
/// or binutils, says which lines are there. What a kernel said comes from the network: names are
/// checked before they become paths, sizes have limits, and every question has a time limit.
///
/// `Code:` bytes are not disassembled. Nothing on the JVM does it well for all architectures; the
/// children asked here do it only for bytes in an ELF file, and `objdump` of one architecture's
/// binutils refuses the others'; what it would tell, the line of source tells better. The bytes
/// stay in the report, for the kernel's `scripts/decodecode`.
@org.jspecify.annotations.NullMarked
package lastwords.symbols;
