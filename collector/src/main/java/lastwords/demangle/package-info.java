/// Names as their source has them, of what compilers and the kernel's build made of them.
@org.jspecify.annotations.NullMarked
package lastwords.demangle;
