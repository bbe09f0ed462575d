/** The channel of the database on which workers hear of each other's news. */
export function newsChannel(schema: string): string {
  return `tasks:${schema}`;
}
