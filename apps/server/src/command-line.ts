/** What the command line asks for. */
export type CommandLine =
  | { readonly action: "start" }
  | { readonly action: "demo" }
  | { readonly action: "print"; readonly text: string }
  | { readonly action: "refuse"; readonly text: string };

/** Reads the arguments behind the program's name; a leading `--`, as package managers pass it on, is dropped. */
export function readCommandLine(args: readonly string[], version: string): CommandLine {
  const [command, ...rest] = args[0] === "--" ? args.slice(1) : args;
  if (command === undefined) return { action: "start" };
  if (command === "demo" && rest.length === 0) return { action: "demo" };
  const [option, ...more] = command === "demo" ? rest : [command, ...rest];
  const unknown = options.includes(option ?? "") ? more[0] : option;
  if (unknown !== undefined)
    return { action: "refuse", text: `There is no argument "${unknown}".\n\n${help}` };
  return { action: "print", text: option === "--version" || option === "-v" ? version : help };
}

const options = ["--help", "-h", "--version", "-v"];

const help = `Usage: server [demo] [--help] [--version]

  server       starts the agent server
  server demo  shows in a few seconds, on a server of its own that is removed again,
               how a task is delivered through failures; reads none of the settings

All settings are environment variables:

  HOST                    address to listen on                          127.0.0.1
  PORT                    port to listen on; 0: any free one            3000
  DATA_DIR                folder of the keys and the embedded database  ./data
  DATABASE_URL            postgres://…; unset: embedded, in DATA_DIR
  API_KEY                 key of the HTTP API; unset: made and kept in DATA_DIR/api-key
  SIGNING_SECRET          whsec_…, signs webhooks; unset: DATA_DIR/signing-secret
  ENCRYPTION_KEY          base64 of 32 bytes; unset: DATA_DIR/encryption-key
  OUTBOUND_ALLOW          private ranges that may be called, as 10.0.0.0/8,fd00::/8
  OUTBOUND_TIMEOUT_MS     limit of one call to the outside              15000
  AGENT                   echo, command, openai-compatible or script    echo
  AGENT_COMMAND           reads the prompt on stdin, prints the result
  AGENT_BASE_URL          openai-compatible: the address before /chat/completions
  AGENT_MODEL             openai-compatible: the name of the model
  AGENT_API_KEY           openai-compatible: the key of the endpoint, if it wants one
  AGENT_SCRIPT            script: a JSON file of what to play
  AGENT_TIMEOUT_SECONDS   limit of one run, unless the task has its own 300
  LOG_LEVEL               debug, info, warn, error or silent            info
  PUBLIC_URL              where the world reaches this server
  BOTS_FILE               a JSON file of the bots that may speak
  SHUTDOWN_GRACE_SECONDS  how long running work may take to end         10
  WORKER_CONCURRENCY      tasks at once                                 8`;
