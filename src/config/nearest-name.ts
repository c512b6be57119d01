/**
 * The one of `candidates` that `name` was probably meant to be, or undefined. Not with `leven`: that counts exchanged
 * neighbours (`kidn`), the commonest slip, as two.
 */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const plain = normalised(name);
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(plain, normalised(candidate)) }))
    .filter(({ candidate, distance }) => distance <= Math.max(1, Math.floor(candidate.length / 4)))
    .toSorted((left, right) => left.distance - right.distance);
  return ranked[0]?.candidate;
}

/** Case, dashes and underscores are what people mix up first. */
function normalised(name: string): string {
  return name.slice(0, 64).toLowerCase().replaceAll(/[-_ ]/g, "");
}

/** Insertions, deletions, substitutions and exchanged neighbours (optimal string alignment). */
function editDistance(left: string, right: string): number {
  const rows = [Array.from({ length: right.length + 1 }, (_, index) => index)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    rows.push(current);
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      const exchanged = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      current.push(
        Math.min(
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          at(row - 1, column - 1) + (same ? 0 : 1),
          exchanged && row > 1 ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
  }
  return at(left.length, right.length);
}
