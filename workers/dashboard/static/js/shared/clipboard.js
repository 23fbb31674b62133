// Copying. A page without TLS that is open on another machine may not, so whoever copies says what to do then.
export async function copied(words) {
  try {
    await navigator.clipboard.writeText(words);
    return true;
  } catch {
    return false;
  }
}
