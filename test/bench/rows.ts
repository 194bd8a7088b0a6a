// Lines of a section of the results.

/** Takes one line of the section. */
export type Say = (line?: string) => void;

/** A row of a table. */
export function row(say: Say, ...cells: readonly string[]): void {
  say(`| ${cells.join(' | ')} |`.replaceAll('|  |', '| |'));
}

/** A table: its head, and rows of as many cells. */
export function table(
  say: Say,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  row(say, ...head);
  row(say, ...head.map(() => '---'));
  for (const cells of rows) row(say, ...cells);
}
