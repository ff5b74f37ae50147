/** Ends a whole process group at once. A group that is gone already is fine. */
export function killGroup(groupId: number): void {
  try {
    process.kill(process.platform === 'win32' ? groupId : -groupId, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime.
  }
}
