/** A flag that is up from the third time it is asked for. */
export function onThirdAsking(): () => boolean {
  let asked = 0;
  return () => {
    asked += 1;
    return asked > 2;
  };
}
