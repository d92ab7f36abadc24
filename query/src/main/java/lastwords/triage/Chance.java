package lastwords.triage;

import java.util.Arrays;
import java.util.List;
import org.apache.commons.statistics.distribution.BetaDistribution;
import org.apache.commons.statistics.distribution.BinomialDistribution;
import org.apache.commons.statistics.distribution.NormalDistribution;

/// How likely counts are by chance.
final class Chance {
  /// Above this many events a sum over strata is taken as normal: exact, it would cost their
  /// square.
  private static final int MAX_EXACT = 1_000;

  private Chance() {}

  /// So many events, each of which falls on the part with a probability that is its share of the
  /// time.
  record Stratum(int events, double share) {}

  /// That `part` or more of `all` events fall on a part with that share of the time.
  static double atLeast(int part, int all, double share) {
    return part <= 0 ? 1 : BinomialDistribution.of(all, share).survivalProbability(part - 1);
  }

  /// That of all strata together `part` or more events fall on the part.
  static double atLeast(int part, List<Stratum> strata) {
    int all = strata.stream().mapToInt(Stratum::events).sum();
    if (part <= 0) {
      return 1;
    }
    if (all > MAX_EXACT) {
      double mean = strata.stream().mapToDouble(s -> s.events * s.share).sum();
      double variance = strata.stream().mapToDouble(s -> s.events * s.share * (1 - s.share)).sum();
      return variance <= 0
          ? part <= mean ? 1 : 0
          : NormalDistribution.of(mean, Math.sqrt(variance)).survivalProbability(part - 0.5);
    }
    double[] probability = {1};
    for (Stratum stratum : strata) {
      probability = sum(probability, stratum);
    }
    return Math.min(1, Arrays.stream(probability, part, all + 1).sum());
  }

  /// The distribution of a sum, from that of one addend and the other.
  private static double[] sum(double[] before, Stratum stratum) {
    BinomialDistribution more = BinomialDistribution.of(stratum.events, stratum.share);
    double[] sum = new double[before.length + stratum.events];
    for (int j = 0; j <= stratum.events; j++) {
      double probability = more.probability(j);
      for (int i = 0; i < before.length; i++) {
        sum[i + j] += before[i] * probability;
      }
    }
    return sum;
  }

  /// The low end of the interval that holds the true share of `part` of `all` with that confidence
  /// (Clopper and Pearson, exact).
  static double lowShare(int part, int all, double confidence) {
    return part == 0
        ? 0
        : BetaDistribution.of(part, all - part + 1.0)
            .inverseCumulativeProbability((1 - confidence) / 2);
  }

  /// The high end of that interval.
  static double highShare(int part, int all, double confidence) {
    return 1 - lowShare(all - part, all, confidence);
  }
}
