/**
 * Order of names as a person counts: digit runs by value (`9` < `10`), the rest by code unit; same
 * on every machine.
 */
export function naturalOrder(a: string, b: string): number {
  let at = 0;
  const shorter = Math.min(a.length, b.length);
  while (at < shorter && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  while (at > 0 && isDigit(a, at - 1)) at--;
  // Up to here both are the same, and no number is cut.
  const [digitA, digitB] = [isDigit(a, at), isDigit(b, at)];
  if (digitA && digitB) return byValue(a, b, at) || byRuns(a, b);
  const endsA = at > 0 && (digitA || at === a.length);
  const endsB = at > 0 && (digitB || at === b.length);
  // Of two runs of other characters the one that is the other's beginning comes first.
  if (endsA !== endsB) return endsA ? -1 : 1;
  if (endsA) return digitA ? 1 : digitB ? -1 : 0;
  return at === a.length || at === b.length ? a.length - b.length : a.charCodeAt(at) - b.charCodeAt(at);
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

/** The numbers that begin at `at`, without their leading zeros. */
function byValue(a: string, b: string, at: number): number {
  let [fromA, fromB] = [at, at];
  while (a[fromA] === '0' && isDigit(a, fromA + 1)) fromA++;
  while (b[fromB] === '0' && isDigit(b, fromB + 1)) fromB++;
  let [toA, toB] = [fromA, fromB];
  while (isDigit(a, toA)) toA++;
  while (isDigit(b, toB)) toB++;
  if (toA - fromA !== toB - fromB) return toA - fromA - (toB - fromB);
  for (; fromA < toA; fromA++, fromB++) {
    const order = a.charCodeAt(fromA) - b.charCodeAt(fromB);
    if (order !== 0) return order;
  }
  return 0;
}

/** Run by run: what the order means, for names whose numbers differ by zeros in front. */
function byRuns(a: string, b: string): number {
  const left = a.match(/\d+|\D+/g) ?? [];
  const right = b.match(/\d+|\D+/g) ?? [];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [x, y] = [left[i]!, right[i]!];
    const order = isDigit(x, 0) && isDigit(y, 0) ? byValue(x, y, 0) : byCodeUnit(x, y);
    if (order !== 0) return order;
  }
  return left.length - right.length || byCodeUnit(a, b);
}

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
