// Runs a program beside a name server that hears every question and never answers: `silent-names.main.js PROGRAM ARGS…`
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';

const [program = '', ...args] = process.argv.slice(2);
const socket = createSocket('udp4');
socket.bind(53, '127.0.0.1', () => {
  const child = spawn(program, args, { stdio: 'inherit' });
  child.on('exit', (code, signal) => {
    if (signal !== null) process.kill(process.pid, signal);
    process.exit(code ?? 1);
  });
});
