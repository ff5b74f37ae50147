/**
 * Doc comments of the declarations, by the id of a type, by `ID.member` and by the name of a method. The build fills the table in from
 * the source (`src/build/protocol-docs.mjs`); only the program that prints the protocol has it.
 */
export const DOCS: Readonly<Record<string, string>> = {};
