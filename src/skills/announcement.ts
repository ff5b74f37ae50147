/** How the model is told which skills there are. The list's format is what clients and models know; the words are ours. */

/** What is needed of a skill here. */
export interface AnnouncedSkill {
  readonly name: string;
  readonly description: string;
  readonly path: string;
}

const INTRODUCTION =
  'Skills are folders of instructions on this machine for particular kinds of work. Each line below gives the name of one, what it is for, and the file that explains it.';

const USAGE = `### Using a skill
- Use a skill when the user names it (\`$name\` or in words) or when the task is what its description says. Use it for this turn; in later turns only when it is called for again.
- Read its \`SKILL.md\` first, no further than you need. Paths in it are relative to the folder it is in.
- Open the other files it points to one at a time, when a step needs them. Run or adapt its scripts and templates instead of writing your own.
- When several skills fit, take the fewest that cover the task, and say in a line which you use and why.
- When a named skill is missing or cannot be read, say so briefly and go on as best you can.`;

/** The section for the instructions of a thread; null without skills. */
export function skillsSection(skills: readonly AnnouncedSkill[]): string | null {
  if (skills.length === 0) return null;
  const lines = skills.map(({ name, description, path }) => `- ${name}: ${description} (file: ${path})`);
  return ['## Skills', INTRODUCTION, '### Available skills', ...lines, USAGE].join('\n');
}
