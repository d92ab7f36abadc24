/// JSON as everybody outside sees it; the one package that knows Jackson's settings.
@org.jspecify.annotations.NullMarked
package lastwords.json;
