/**
 * Scripts as somebody would write them who wants a question not to be asked: programs that only read and others, options
 * that write, words that a shell turns into something else, each in any quotes.
 */
import type { Random } from '../../support/random.ts';

const split = (text: string): readonly string[] => text.split(' ');

const PROGRAMS = split(
  'cat cd cut echo expr false grep head id ls nl paste pwd rev seq stat tail tr true uname uniq uniq uniq wc which whoami ' +
    'numfmt tac base64 base64 find find find find rg rg rg rg git git git git git git sed sed sed bash bash cargo sort tee touch rm env command exec ' +
    'eval printf xargs awk sh ./a.sh a.sh /bin/ls /usr/bin/find ./ls test time coproc',
);

/** What an option of each program may be, harmless or not. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  find: split(
    '-delete -exec -execdir -ok -okdir -fls -fprint -fprint0 -fprintf -print0 -name -not -o -type f -quit -newer ' +
      '-files0-from -maxdepth 1 -L -H -D help -O3 -ls -empty -true -regex .*',
  ),
  rg: split(
    '--pre=sh --pre=./a.sh --pre sh --hostname-bin=./a.sh --search-zip -z -iz -lz -tz -e -f -g -u -n -l -i --files -- ' +
      '--pre-glob=* --no-pre --hyperlink-format={host} touch -A1 --type-list --debug --null',
  ),
  git: [
    ...split(
      'status log diff show branch status log diff show branch commit add -C -c -p --no-pager -- HEAD main a other',
    ),
    ...split(
      '--output --output=x --outp=x --o=x --ext-diff --ext --textconv --show-signature --format=%G? --oneline -1',
    ),
    ...split(
      '--list --no-list -l -a -r -v -vv -d -D -m -M -c -C -u -f -t --contains --no-contains --merged --points-at',
    ),
    ...split('--sort=refname --sort --edit-description --unset-upstream --set-upstream-to=main --show-current new hit'),
    ...split('--stat --text --no-index --remerge-diff -S -O a -z -s --porcelain --ignored --submodule=diff --color'),
  ],
  sed: [
    ...split('-n -n -n 1p 1,2p 1,$p p 1d s/a/b/ -i --in-place --in-place=x -e -f -s -z -E -- -'),
    'w x',
    '1p;w x',
    '1e touch x',
  ],
  uniq: split('-c -d -D -f -s -w -i -u -z 1 0 -1 +1 -- - --skip-fields=1 --skip-fields --group --zero-terminated'),
  base64: split('-d -D -i -o -ox -w 0 --decode --wrap=0 --wrap --output=x --outp=x --ignore-garbage -'),
  bash: ['-c', '-c', '-lc', '-l', 'ls', 'uniq a x', 'ls; touch x', 'ls ', 'touch hit', 'git status', 'find . -delete'],
};

const ANY_OPTIONS: readonly string[] = [
  ...split(
    '-n -i -o -e -s -w -c -d -D -u -z -v -a -r -m -p -b -x -1 +1 -- - -0 -L -q -E -A1 --files0-from=a --help -lc',
  ),
  ...Object.values(OPTIONS).flat(),
];

const OPERANDS = split('a b x sub sub/c . .. foo1 foo2 a.sh .git /fuzz/a /fuzz/x -delete --pre=sh 3 0 {} + ; [a] !');

const EXPANSIONS = split(
  '* ** ? ?-pre=sh [-]* -* --* --p* *=sh -[a-z]* a* foo? sub/* .* {a,b} {-delete,x} {-name{x},-delete} {a{b},-delete} {,x} ' +
    "-{i,n} {1..3} ~ ~+ ~root ''* \"\"* '-'* \\-* \\* *.sh [[:punct:]]*",
);

const JOINS = ['&&', '||', ';', '|', '\n', ' ;\n', '\n\n', ' & ', '|&', '\r\n', ';;', '\\\n', ' |\n', '&&\n'];

const TRICKS = [
  ...split('>x >>x >|x 2>x &>x <>x <a <<<a <<E $(touch) `touch` $x $((1)) (touch) {touch !'),
  ...split('$\'x\' $"x" #x A=1 A+=1 a[0]=1 PATH=. =ls <(ls) >(ls) \v \f \r \u00a0 \u2028 \\ \' " \\x \\\\ \\\n'),
];

/** Whether the arguments of a program in a script decide what it does. */
export const isTelling = (script: string): boolean => /uniq|base64|find|rg|git|sed|sh/.test(script);

/** A script of a few commands. */
export function spelling(random: Random): string {
  const count = random.below(4) === 0 ? 1 + random.below(3) : 1;
  const commands = Array.from({ length: count }, () => command(random));
  return commands.reduce((text, next) => `${text}${random.pick([' ', ''])}${random.pick(JOINS)} ${next}`);
}

function command(random: Random): string {
  const program = random.pick(PROGRAMS);
  const options = OPTIONS[program] ?? ANY_OPTIONS;
  const words = [random.below(8) === 0 ? spelled(random, program) : program];
  for (let left = random.below(6); left > 0; left -= 1) words.push(word(random, options));
  return words.join(random.below(20) === 0 ? '\t' : ' ');
}

function word(random: Random, options: readonly string[]): string {
  switch (random.below(14)) {
    case 0:
      return random.pick(EXPANSIONS);
    case 1:
      return random.below(3) === 0 ? random.pick(TRICKS) : random.pick(EXPANSIONS);
    case 2:
    case 3:
    case 4:
    case 5:
      return spelled(random, random.pick(OPERANDS));
    case 6:
      return spelled(random, random.pick(ANY_OPTIONS));
    default:
      return spelled(random, random.pick(options));
  }
}

/** A word in quotes of any kind, or in several. */
function spelled(random: Random, text: string): string {
  if (random.below(3) > 0) return /[ ;$?[\]{}!]/.test(text) ? `'${text}'` : text;
  let out = '';
  for (let at = 0; at < text.length; ) {
    const end = at + 1 + random.below(text.length - at);
    out += quoted(random, text.slice(at, end));
    at = end;
  }
  return out;
}

function quoted(random: Random, piece: string): string {
  switch (random.below(7)) {
    case 0:
      return `'${piece}'`;
    case 1:
      return `"${piece}"`;
    case 2:
      return [...piece].map((char) => `\\${char}`).join('');
    case 3:
      return `${piece}\\\n`;
    case 4:
      return `''${piece}`;
    default:
      return piece;
  }
}
