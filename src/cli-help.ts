/** The texts of `--help`. */

const CONFIG_OPTIONS = `  -c, --config <KEY=VALUE>        Set one configuration value for this process; KEY may be dotted, VALUE
                                  is read as TOML and, failing that, taken as a plain string (repeatable)
      --enable <FEATURE>          Switch a feature on, like -c features.FEATURE=true (repeatable)
      --disable <FEATURE>         Switch a feature off, like -c features.FEATURE=false (repeatable)`;

export const PROGRAM_USAGE = `Shardex: an app server for coding agents

Usage: shardex [OPTIONS] [COMMAND]

Commands:
  app-server    Serve JSON-RPC on stdin and stdout (also what happens without a command)
  shim <DIR>    Write a launcher named codex into DIR that starts this program
  help          Print this text

Options:
${CONFIG_OPTIONS}
  -V, --version                   Print the version
  -h, --help                      Print this text
`;

export const APP_SERVER_USAGE = `Serve JSON-RPC on stdin and stdout, one message a line

Usage: shardex app-server [OPTIONS] [COMMAND]

Commands:
  generate-ts             Write the protocol's TypeScript types
  generate-json-schema    Write the protocol's JSON Schemas
  help                    Print this text

Options:
${CONFIG_OPTIONS}
      --listen <URL>              Where to listen; stdio:// is the default and the only choice
      --stdio                     The same as --listen stdio://
      --analytics-default-enabled Take analytics.enabled as true unless the configuration says otherwise
  -h, --help                      Print this text
`;

export const EXPORT_USAGE = `Write the protocol's declarations into a folder, which is created when missing

Usage: shardex app-server generate-ts --out <DIR>
       shardex app-server generate-json-schema --out <DIR>

Options:
  -o, --out <DIR>                 The folder
  -p, --prettier <PROGRAM>        Format the TypeScript files with this program
  -h, --help                      Print this text
`;

export const SHIM_USAGE = `Write a launcher named codex (and codex.cmd) that starts this program

Usage: shardex shim <DIR>

Clients that look for codex on PATH find it when DIR comes first there.
`;
