/** Colours that a canvas has to be told, by day and by night. */

export interface Theme {
  /** One for each engine; told apart also by people who do not see all colours (after Okabe and Ito). */
  readonly engines: readonly string[];
  readonly text: string;
  readonly grid: string;
}

interface MediaQuery {
  readonly matches: boolean;
  addEventListener(name: 'change', listener: () => void): void;
}

declare const matchMedia: (query: string) => MediaQuery;

const LIGHT: Theme = {
  engines: ['#0072b2', '#d55e00', '#009e73', '#b5548c', '#9a7400', '#3a9bd0', '#555555'],
  text: '#5f6368',
  grid: '#e4e6e9',
};
const DARK: Theme = {
  engines: ['#4fb0ea', '#ff8f45', '#2fcf9f', '#ee9fca', '#f2c744', '#a5dbf8', '#cccccc'],
  text: '#a3a8ae',
  grid: '#33373b',
};
/** So lines are told apart without colours too. */
const DASHES: readonly (readonly number[])[] = [[], [9, 4], [3, 3], [12, 3, 3, 3], [6, 2], [2, 5], [15, 5]];

const night = (): MediaQuery => matchMedia('(prefers-color-scheme: dark)');

export const currentTheme = (): Theme => (night().matches ? DARK : LIGHT);
export const onThemeChange = (listener: () => void): void => night().addEventListener('change', listener);

export const engineColour = ({ engines }: Theme, index: number): string => engines[index % engines.length] ?? '#888888';
export const engineDash = (index: number): readonly number[] => DASHES[index % DASHES.length] ?? [];
