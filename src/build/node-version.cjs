// Ends the process with one line when Node is older than what package.json asks for. The scripts of package.json preload this file, and
// every launcher in dist/ begins with it. It is ES5, because old versions of Node have to be able to read it.
(() => {
  var need = [20, 19];
  var have = process.versions.node.split('.').map(Number);
  if (have[0] > need[0] || (have[0] === need[0] && have[1] >= need[1])) return;
  require('fs').writeSync(
    2,
    'Shardex needs Node.js ' + need.join('.') + ' or newer; this is ' + process.version + '\n',
  );
  process.exit(1);
})();
