/** Appends rules `NAME-0 …` in a process of its own: FOLDER NAME COUNT. */
import { appendAllowRule } from '../../src/execpolicy/amend.ts';

const [folder = '', name = '', count = '0'] = process.argv.slice(2);
for (let index = 0; index < Number(count); index += 1) await appendAllowRule(folder, [`${name}-${index}`]);
