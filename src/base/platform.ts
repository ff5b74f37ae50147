/**
 * Features that not every system supports, in one table; `SECURITY.md` lists them for users. A feature that only needs another
 * implementation (another shell, another program name) is not listed.
 */
interface Feature {
  readonly on: readonly NodeJS.Platform[];
  /** What happens on other systems. */
  readonly elsewhere: string;
}

export const FEATURES = {
  confinement: {
    on: ['linux'],
    elsewhere: 'Commands under a confined policy are refused.',
  },
  heldFolders: {
    on: ['linux'],
    elsewhere: 'A folder is compared by path when it is used; nothing keeps it from being exchanged in between.',
  },
  descriptorCount: {
    on: ['linux'],
    elsewhere: 'Requests are not refused in advance when few files can still be opened.',
  },
  orphanCleanup: {
    on: ['linux', 'darwin'],
    elsewhere: 'After a kill of the server, processes that a command has started may go on.',
  },
  politeEnd: {
    on: ['linux', 'darwin'],
    elsewhere: 'A command that is interrupted or runs out of time is ended at once, without a second to tidy up.',
  },
} as const satisfies Readonly<Record<string, Feature>>;

/** Whether the system has a feature. */
export const supports = (feature: keyof typeof FEATURES, platform: NodeJS.Platform = process.platform): boolean =>
  FEATURES[feature].on.some((name) => name === platform);
