package lastwords.triage;

import java.util.Comparator;

/// Kernel releases from the oldest to the newest: numbers as numbers, `6.13.0-rc1` before `6.13.0`.
final class ReleaseOrder implements Comparator<String> {
  static final ReleaseOrder OLDEST_FIRST = new ReleaseOrder();

  private ReleaseOrder() {}

  @Override
  public int compare(String a, String b) {
    int i = 0;
    int j = 0;
    while (i < a.length() && j < b.length()) {
      if (isCandidate(a, i) != isCandidate(b, j)) {
        break;
      }
      int numberA = numberEnd(a, i);
      int numberB = numberEnd(b, j);
      int order;
      if (numberA > i && numberB > j) {
        order = numbers(a.substring(i, numberA), b.substring(j, numberB));
        i = numberA;
        j = numberB;
      } else {
        order = Character.compare(a.charAt(i++), b.charAt(j++));
      }
      if (order != 0) {
        return order;
      }
    }
    if (isCandidate(a, i) != isCandidate(b, j)) {
      return isCandidate(a, i) ? -1 : 1;
    }
    int rest = Integer.compare(a.length() - i, b.length() - j);
    return rest != 0 ? rest : a.compareTo(b);
  }

  private static boolean isCandidate(String release, int from) {
    return release.startsWith("-rc", from) || release.startsWith("~rc", from);
  }

  private static int numberEnd(String text, int from) {
    int end = from;
    while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
      end++;
    }
    return end;
  }

  /// As long as they are: a release may be made of digits by the thousand.
  private static int numbers(String a, String b) {
    String one = a.replaceFirst("^0+(?=.)", "");
    String other = b.replaceFirst("^0+(?=.)", "");
    int length = Integer.compare(one.length(), other.length());
    return length != 0 ? length : one.compareTo(other);
  }
}
