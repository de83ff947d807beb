package dev.dualwrite.bench.run;

import java.util.Locale;

/**
 * One figure of the report, with its goal. Immutable.
 *
 * @param what is measured
 * @param goal in words
 * @param measured in words
 * @param verdict whether the goal is met
 */
public record Figure(String what, String goal, String measured, Verdict verdict) {

    /** What the comparison with the goal gave. */
    public enum Verdict {
        MET("met"),
        MISSED("**missed**"),
        REPORTED("");

        private final String text;

        Verdict(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }

    /** A figure that must not be smaller. */
    public static Figure atLeast(String what, double goal, double measured) {
        return new Figure(what, "≥ " + number(goal), number(measured), verdict(measured >= goal, measured));
    }

    /** A figure that must not be larger; the unit, if any, begins with a space. */
    public static Figure atMost(String what, double goal, double measured, String unit) {
        return new Figure(
                what, "≤ " + number(goal) + unit, number(measured) + unit, verdict(measured <= goal, measured));
    }

    /** The same with something more about what was measured. */
    public Figure with(String detail) {
        return new Figure(what, goal, measured + " (" + detail + ")", verdict);
    }

    /** A figure without a goal. */
    public static Figure reported(String what, double measured, String unit) {
        return new Figure(what, "", number(measured) + unit, Verdict.REPORTED);
    }

    private static Verdict verdict(boolean met, double measured) {
        return Double.isNaN(measured) ? Verdict.REPORTED : met ? Verdict.MET : Verdict.MISSED;
    }

    private static String number(double value) {
        if (Double.isNaN(value)) {
            return "–";
        }
        return String.format(Locale.ROOT, value >= 100 ? "%,.0f" : value >= 0.1 || value == 0 ? "%.2f" : "%.4f", value)
                .replaceAll("\\.0+$", "");
    }
}
