/** The last result of a function, kept while its arguments stay the same objects and values. */
export function lastOf<A extends readonly unknown[], R>(make: (...args: A) => R): (...args: A) => R {
  let last: { readonly args: A; readonly result: R } | undefined;
  return (...args) => {
    if (!last || args.some((argument, index) => argument !== last?.args[index])) last = { args, result: make(...args) };
    return last.result;
  };
}
