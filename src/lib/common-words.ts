/**
 * Words that people take for a password and that anybody tries first. Those of our own sentences cannot be masked there: with the
 * password `camera`, `camera online` would read `*** online`.
 */

const OF_SENTENCES = new Set(
  `access address admin again alert alerts answer bell broker cam camera cameras cctv clip clips connection data disk door
  event events file film folder front back garage garden gate guest home host house http input key light live lookout message mqtt
  name network node none online page pass password people person picture pictures port private public record recorder
  recording rtsp secret security server service setting start stop storage stored stream system time token user
  video view viewer visit watch watching webcam word yard`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

const ELSEWHERE = new Set(
  `1234qwer 1q2w3e4r 1qaz2wsx abc123 abcd1234 admin1 admin12 admin123 admin1234 admin12345 administrator anonymous axis baby
  camera1 camera123 changeme changeit dahua default dragon football foscam hallo hello hikvision iloveyou ipcam letmein
  login love master monkey p@ssw0rd pass123 pass1234 passw0rd password1 password12 password123 qwerty qwerty123
  qwertyui root reolink shadow sunshine superman supervisor surveillance test test123 tester ubnt welcome welcome1
  wbox123 xxxxxxxx yourpassword tljwpbo6`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

/** One character over and over, or digits in order. */
const RUN = /^(.)\1+$|^0?1234?5?6?7?8?9?0?$|^987654321?0?$|^123123(?:123)?$|^121212$|^112233$/;

/** Anybody guesses it. */
export function isCommon(password: string): boolean {
  const word = password.toLowerCase();
  return OF_SENTENCES.has(word) || ELSEWHERE.has(word) || RUN.test(word);
}

/** It is a word of our own sentences. */
export function isOfSentences(word: string): boolean {
  return OF_SENTENCES.has(word.toLowerCase());
}
