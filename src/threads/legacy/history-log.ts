/** The log of prompts that terminal clients keep: read only, to tell clients its identity and length. */
import { join } from 'node:path';
import { openRegular } from '../../base/regular-file.ts';

export interface HistoryLog {
  /** The file's inode; 0 when there is none. */
  readonly id: number;
  readonly entryCount: number;
}

const LINE_END = 0x0a;

/** A log that cannot be read is none. */
export async function historyLog(codexHome: string): Promise<HistoryLog> {
  const path = join(codexHome, 'history.jsonl');
  try {
    await using file = await openRegular(path);
    const { ino } = await file.stat();
    let entryCount = 0;
    for await (const chunk of file.createReadStream({ autoClose: false })) {
      const bytes: Buffer = chunk;
      for (let at = bytes.indexOf(LINE_END); at !== -1; at = bytes.indexOf(LINE_END, at + 1)) entryCount += 1;
    }
    return { id: ino, entryCount };
  } catch {
    return { id: 0, entryCount: 0 }; // there need not be one
  }
}
