/**
 * A seccomp filter, in the form that bubblewrap loads, that refuses system calls with "Operation not permitted". It
 * always refuses what no namespace and no mount confines, and without network whatever reaches another socket.
 * Connected socket pairs inside one command keep working, like everything else. Pure.
 */

interface Machine {
  readonly auditArch: number;
  /** Refused under every policy. */
  readonly alwaysRefused: readonly number[];
  /** Refused for process 1, which is bubblewrap itself and has no filter, by the argument that names the process. */
  readonly refusedForInit: readonly { readonly call: number; readonly argument: 0 | 1 }[];
  /** Refused without network. */
  readonly network: readonly number[];
  /** Refused for socket families that lead out of the sandbox. */
  readonly socket: number;
  readonly socketPair: number;
  /** Refused without network if it names a destination. */
  readonly sendto: number;
  /** Numbers from here on belong to another calling convention. */
  readonly foreignFrom: number | null;
}

// They perform other calls unseen by the filter. Numbers: asm/unistd_64.h and asm-generic/unistd.h of Linux.
const IO_URING = [425, 426, 427];

const callsOnProcess = (calls: {
  readonly ptrace: number;
  readonly readMemory: number;
  readonly writeMemory: number;
  readonly openProcess: number;
}): Machine['refusedForInit'] => [
  { call: calls.ptrace, argument: 1 },
  { call: calls.readMemory, argument: 0 },
  { call: calls.writeMemory, argument: 0 },
  { call: calls.openProcess, argument: 0 },
];

/**
 * `alwaysRefused`: the user's keyrings (add_key, request_key, keyctl), bpf, io_uring. `refusedForInit`: ptrace,
 * process_vm_readv and process_vm_writev, pidfd_open. `network`: connect, accept, accept4, bind, listen, sendmmsg,
 * recvmmsg, and ptrace.
 */
const MACHINES: Readonly<Partial<Record<NodeJS.Architecture, Machine>>> = {
  x64: {
    auditArch: 0xc000003e,
    alwaysRefused: [248, 249, 250, 321, ...IO_URING],
    refusedForInit: callsOnProcess({ ptrace: 101, readMemory: 310, writeMemory: 311, openProcess: 434 }),
    network: [42, 43, 288, 49, 50, 307, 299, 101],
    socket: 41,
    socketPair: 53,
    sendto: 44,
    foreignFrom: 0x40000000,
  },
  arm64: {
    auditArch: 0xc00000b7,
    alwaysRefused: [217, 218, 219, 280, ...IO_URING],
    refusedForInit: callsOnProcess({ ptrace: 117, readMemory: 270, writeMemory: 271, openProcess: 434 }),
    network: [203, 202, 242, 200, 201, 269, 243, 117],
    socket: 198,
    socketPair: 199,
    sendto: 206,
    foreignFrom: null,
  },
};

// Codes of linux/bpf_common.h, actions of linux/seccomp.h, offsets into struct seccomp_data.
const LOAD_WORD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_AT_LEAST = 0x35;
const JUMP = 0x05;
const AND = 0x54;
const RETURN = 0x06;
const ALLOW = 0x7fff0000;
const REFUSE_EPERM = 0x00050001;
const KILL_PROCESS = 0x80000000;
const AT_NUMBER = 0;
const AT_ARCH = 4;
const AT_ARG_0 = 16;
const AT_ARG_1 = 24;
const AT_ARG_4 = 48;

// linux/socket.h. Other families reach the host of a virtual machine, hardware, or parts of the kernel.
const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
/** A stream or sequence socket has one peer, set by `connect` or `socketpair`: no message can name another. */
const CONNECTED_TYPES = [1, 5];
/** The bits above are flags. */
const TYPE_MASK = 0xf;

interface Instruction {
  readonly code: number;
  readonly value: number;
  /** Instructions to skip if a comparison holds; none otherwise. */
  readonly skip?: number;
}

const load = (value: number): Instruction => ({ code: LOAD_WORD, value });
const action = (value: number): Instruction => ({ code: RETURN, value });
const skipIfEqual = (value: number, skip: number): Instruction => ({ code: JUMP_EQUAL, value, skip });

/** The filter for a kind of machine; null if none is known. */
export function systemCallFilter(arch: NodeJS.Architecture, policy: { readonly network: boolean }): Buffer | null {
  const machine = MACHINES[arch];
  if (machine === undefined) return null;
  const { auditArch, alwaysRefused, refusedForInit: initCalls, foreignFrom } = machine;
  return encoded([
    load(AT_ARCH),
    skipIfEqual(auditArch, 1),
    action(KILL_PROCESS),
    load(AT_NUMBER),
    ...(foreignFrom === null ? [] : onlyBelow(foreignFrom)),
    ...refuse(alwaysRefused),
    ...(policy.network ? withNetwork(machine) : withoutNetwork(machine)),
    ...initCalls.flatMap(({ call, argument }) => unless(call, notProcessOne(argument))),
    action(ALLOW),
  ]);
}

const notProcessOne = (argument: 0 | 1): Instruction[] => [
  load(argument === 0 ? AT_ARG_0 : AT_ARG_1),
  skipIfEqual(1, 1),
  action(ALLOW),
  action(REFUSE_EPERM),
];

const refuse = (calls: readonly number[]): Instruction[] =>
  calls.flatMap((call) => unless(call, [action(REFUSE_EPERM)]));

const withNetwork = ({ socket }: Machine): Instruction[] =>
  unless(socket, [load(AT_ARG_0), ...onlyIn([AF_UNIX, AF_INET, AF_INET6, AF_NETLINK]), action(ALLOW)]);

function withoutNetwork({ network, socket, socketPair, sendto }: Machine): Instruction[] {
  const connectedOnly = [
    load(AT_ARG_0),
    ...onlyIn([AF_UNIX]),
    load(AT_ARG_1),
    { code: AND, value: TYPE_MASK },
    ...onlyIn(CONNECTED_TYPES),
    action(ALLOW),
  ];
  // `sendmsg` hides its destination from a filter, so sockets that would use one are not allowed.
  const noDestination = [load(AT_ARG_4), ...onlyIn([0]), load(AT_ARG_4 + 4), ...onlyIn([0]), action(ALLOW)];
  return [
    ...refuse(network),
    ...unless(socket, connectedOnly),
    ...unless(socketPair, connectedOnly),
    ...unless(sendto, noDestination),
  ];
}

/** Continues if the loaded value is one of these; refuses otherwise. */
const onlyIn = (values: readonly number[]): Instruction[] => [
  ...values.map((value, at) => skipIfEqual(value, values.length - at)),
  action(REFUSE_EPERM),
];

/** Runs `body`, which must end in an action, only for this system call. */
function unless(call: number, body: readonly Instruction[]): Instruction[] {
  const [skipJump, jump] = [skipIfEqual(call, 1), { code: JUMP, value: body.length }];
  return [skipJump, jump, ...body];
}

const onlyBelow = (limit: number): Instruction[] => [
  { code: JUMP_AT_LEAST, value: limit, skip: 1 },
  { code: JUMP, value: 1 },
  action(KILL_PROCESS),
];

/** struct sock_filter: code, jump if true, jump if false, value. */
function encoded(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach(({ code, value, skip = 0 }, at) => {
    bytes.writeUInt16LE(code, at * 8);
    bytes.writeUInt8(skip, at * 8 + 2);
    bytes.writeUInt32LE(value, at * 8 + 4);
  });
  return bytes;
}
