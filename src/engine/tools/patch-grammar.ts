/** The patch language as a Lark grammar, for models that write it without JSON around it. */
export const patchGrammar = `start: begin section+ end
begin: "*** Begin Patch" LF
end: "*** End Patch" LF?

section: add | delete | update
add: "*** Add File: " NAME LF added+
delete: "*** Delete File: " NAME LF
update: "*** Update File: " NAME LF move? chunks?

move: "*** Move to: " NAME LF
chunks: (context | line)+ eof?
context: ("@@" | "@@ " TEXT) LF
added: "+" TEXT? LF -> line
line: ("+" | "-" | " ") TEXT? LF
eof: "*** End of File" LF

NAME: /(.+)/
TEXT: /(.+)/

%import common.LF
`;
