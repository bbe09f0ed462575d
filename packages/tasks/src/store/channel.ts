/** The channel of the database on which workers hear of each other's news. */
export function newsChannel(schema: string): string {
  return `tasks:${schema}`;
}

/** The channel on which processes tell each other of events; the number is that of the form of its messages. */
export function eventChannel(schema: string): string {
  return `task_events_1:${schema}`;
}
