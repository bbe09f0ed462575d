/** Milliseconds since some moment that is the same for all processes of the machine. */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
