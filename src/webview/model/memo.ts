/**
 * Makes again only when an argument is another one: of two calls in a row with the same arguments
 * both give the same.
 */
export function memo<A extends readonly unknown[], R>(make: (...given: A) => R): (...given: A) => R {
  let last: { readonly given: A; readonly made: R } | undefined;
  return (...given) => {
    if (!last?.given.every((each, i) => Object.is(each, given[i]))) last = { given, made: make(...given) };
    return last.made;
  };
}
