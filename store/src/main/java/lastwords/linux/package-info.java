/// What Linux offers a process and Java doesn't know, by calls of the C library
/// (`java.lang.foreign`). [ServiceManager] tells systemd how the program does, [Priority] which
/// threads go first, [Disk] and [Memory] what becomes of files. Nothing here knows anything of
/// Lastwords.
@org.jspecify.annotations.NullMarked
package lastwords.linux;
