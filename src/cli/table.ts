// Tables of text.

/** Columns are as wide as their widest cell; numbers stand on the right. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) =>
    Math.max(...all.map((row) => String(row[column] ?? '').length)),
  );
  const lines = all.map((row, index) =>
    row
      .map((cell, column) => {
        // The head of a column of numbers stands above them.
        const number = typeof (index === 0 ? rows[0]?.[column] : cell) === 'number';
        const width = widths[column] ?? 0;
        return number ? String(cell).padStart(width) : String(cell).padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}
