/** Order of names as a person counts: digit runs by value (`9` < `10`), the rest by code unit; same on every machine. */
export function naturalOrder(a: string, b: string): number {
  const left = a.match(/\d+|\D+/g) ?? [];
  const right = b.match(/\d+|\D+/g) ?? [];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = compareRuns(left[i]!, right[i]!);
    if (order !== 0) return order;
  }
  return left.length - right.length || byCodeUnit(a, b);
}

function compareRuns(a: string, b: string): number {
  if (!isDigits(a) || !isDigits(b)) return byCodeUnit(a, b);
  const [x, y] = [a.replace(/^0+(?=\d)/, ''), b.replace(/^0+(?=\d)/, '')];
  return x.length - y.length || byCodeUnit(x, y);
}

const isDigits = (run: string): boolean => run >= '0' && run < ':';
const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
