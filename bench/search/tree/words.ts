/** What the names of a generated tree are made of. */

/** Folders near the top of a repository. */
export const TOP_FOLDERS =
  'src lib packages apps tools docs tests scripts include drivers kernel net fs arch sound crypto vendor examples services infra'.split(
    ' ',
  );

/** Folders anywhere below. */
export const FOLDERS =
  'api app auth base block buffer build cache client cmd common components config controllers core data db debug device dist driver editor engine events features fixtures generated graph handlers hooks host http i18n images index input integration internal io json layout loader locale locks log main mem messages metrics migrations mock models modules nodes object options output pages parser platform plugins power proto public queue reader render request resources routes runtime schema search security server session shared shell signal state storage store stream styles support sync system table task template terminal test theme thread time token trace transport tree types ui unit user utils v1 v2 video views virtual web widgets worker writer'.split(
    ' ',
  );

/** The parts of file names. */
export const FILE_WORDS =
  'access account action adapter address agent alarm alias allocator answer array asset async atomic audio axis backend badge banner batch bitmap block board border bridge browser bucket buffer bundle button cache calendar callback card channel chart check clock cluster codec color column command compiler component config connection consumer container context control counter cursor daemon dashboard data decoder default delta device dialog diff directory dispatch display document domain draft driver editor element encoder entry error event export factory feature fetch field file filter flag flow focus font form format frame gateway graph grid group handle hash header health heap helper history host icon image import index info input instance invoice item job journal key label layer layout lease ledger level limit link list listener loader local lock log manager map mapper marker matcher menu merge message meta method metric migration mixer mode model module monitor mutex name native network node notice number object offset option order output package packet page pager panel parser patch path payload peer pipe pixel plan platform player point policy pool port prefix printer process profile progress protocol provider proxy query queue range reader record region registry release remote render replay report request resolver resource response result retry role root route router row rule sample scanner scheduler schema scope screen script scroll search section sector select sender sensor sequence service session setting setup shard shape signal sink size slider slot snapshot socket sort source span stack stage state status step storage stream string style subscriber summary suite switch symbol sync system tab table target task team template test text theme thread throttle ticket timer token toolbar trace tracker transfer transform tree trigger tunnel type unit update upload user util value vector version view visitor volume watch wheel widget window worker wrapper writer zone'.split(
    ' ',
  );

/** Now and then a name is not in English. */
export const FOREIGN_WORDS = ['café', 'größe', 'naïve', 'smørrebrød', 'данные', '日本語', 'ñandú', 'überblick'];

/** How the words of a name are joined, and how often: one style for each top folder. */
export type NameStyle = 'kebab' | 'snake' | 'camel' | 'pascal';
export const NAME_STYLES: readonly NameStyle[] = ['kebab', 'kebab', 'snake', 'snake', 'snake', 'camel', 'pascal'];

/** Kinds of source by top folder; the first endings are the most frequent. */
export const ENDINGS: readonly (readonly string[])[] = [
  ['.ts', '.ts', '.tsx', '.test.ts', '.css', '.json', '.md'],
  ['.c', '.c', '.h', '.h', '.S', '.dts', '.txt'],
  ['.rs', '.rs', '.rs', '.toml', '.md', '.snap'],
  ['.py', '.py', '.pyi', '.ipynb', '.yaml', '.md'],
  ['.go', '.go', '_test.go', '.proto', '.yaml', '.md'],
  ['.java', '.java', '.kt', '.xml', '.properties', '.md'],
];

/** Files that a folder is likely to have. */
export const USUAL_FILES = [
  'README.md',
  'index.ts',
  'Makefile',
  'package.json',
  'mod.rs',
  'Kconfig',
  '__init__.py',
  'BUILD',
];

/** Rules of the generated `.gitignore` files. They name nothing that is generated, so that every engine sees every file. */
export const IGNORE_RULES = `# generated
node_modules/
target/
*.o
*.log
*.tmp
.DS_Store
!keep.log
coverage/**
/out
`;
