"""Each figure against a reference that many people use (SciPy), and against what it must be by its meaning."""

import math
import random
from fractions import Fraction
from statistics import fmean

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

from chalicelib.metrics.statistics import (
    BOOTSTRAP_UP_TO,
    GEOMETRIC_INTERVAL_FROM,
    MEDIAN,
    P75,
    P90,
    P95,
    Lasted,
    geometric_mean,
    geometric_mean_interval,
    is_beyond_chance,
    mean,
    median_with_open,
    quantile,
    quantile_interval,
    smallest_change_seen,
)

SECONDS = st.integers(0, 10**7)
QUANTILES = (MEDIAN, P75, P90, P95)


def durations(n: int, seed: int = 1) -> list[float]:
    chance = random.Random(seed)
    return [math.exp(chance.gauss(8, 1.2)) for _ in range(n)]


@given(st.lists(SECONDS, min_size=1, max_size=60).map(sorted), st.sampled_from(QUANTILES))
def test_a_quantile_lies_between_the_nearest_ranks_as_everywhere(values: list[int], q: Fraction):
    assert quantile(values, q) == pytest.approx(float(stats.quantile(values, float(q), method="linear")), rel=1e-12)


@pytest.mark.parametrize(
    ("q", "least"),
    [
        pytest.param(MEDIAN, 6, id="median"),
        pytest.param(P75, 13, id="p75"),
        pytest.param(P90, 36, id="p90"),
        pytest.param(P95, 72, id="p95"),
    ],
)
def test_a_quantile_has_an_interval_from_as_many_values_as_can_carry_one(q: Fraction, least: int):
    assert quantile_interval(range(least - 1), q) is None
    assert quantile_interval(range(least), q) is not None


@pytest.mark.parametrize("q", QUANTILES)
def test_an_interval_of_a_quantile_holds_it_in_at_least_95_of_100_cases(q: Fraction):
    """Exactly: how many of n values lie below the quantile is binomial, whatever the distribution."""
    for n in (*range(6, 200), 1_000, 8_333, 1_000_000):
        interval = quantile_interval(range(n), q)
        if interval is not None:
            holds = stats.binom.cdf(interval.high, n, float(q)) - stats.binom.cdf(interval.low, n, float(q))
            assert holds >= 0.95, n


def test_the_geometric_mean_is_the_mean_of_the_logarithms():
    values = durations(50)
    assert geometric_mean(values) == pytest.approx(stats.gmean(values), rel=1e-12)


def test_what_took_no_time_counts_as_a_second_in_the_geometric_mean():
    assert geometric_mean([0, 0.3, 1]) == 1


def test_few_values_have_no_interval_of_the_geometric_mean():
    assert geometric_mean_interval(durations(GEOMETRIC_INTERVAL_FROM - 1), "TTR") is None


def test_many_values_have_students_interval():
    values = durations(BOOTSTRAP_UP_TO + 1)
    logs = [math.log(value) for value in values]
    low, high = stats.t.interval(0.95, len(logs) - 1, loc=fmean(logs), scale=stats.sem(logs))
    interval = geometric_mean_interval(values, "TTR")
    assert interval is not None
    assert [interval.low, interval.high] == pytest.approx([math.exp(low), math.exp(high)], rel=1e-6)


def test_some_values_have_an_interval_near_to_that_of_scipys_bootstrap():
    """Of a lognormal sample the studentized bootstrap is near to Student's; SciPy knows no studentized one."""
    values = durations(40, seed=3)
    logs = [math.log(value) for value in values]
    low, high = stats.t.interval(0.95, len(logs) - 1, loc=fmean(logs), scale=stats.sem(logs))
    interval = geometric_mean_interval(values, "TTR")
    assert interval is not None
    assert [math.log(interval.low), math.log(interval.high)] == pytest.approx([low, high], abs=0.1)


def test_the_order_of_the_values_does_not_matter_to_their_interval():
    values = durations(30)
    assert geometric_mean_interval(values, "TTR") == geometric_mean_interval(values[::-1], "TTR")


def test_the_same_values_over_and_over_leave_no_doubt():
    interval = geometric_mean_interval([60.0] * 30, "TTR")
    assert interval is not None
    assert [interval.low, interval.high] == pytest.approx([60, 60])
    assert smallest_change_seen([60.0] * 30) is None


@given(st.integers(1, 10**7), st.integers(GEOMETRIC_INTERVAL_FROM, BOOTSTRAP_UP_TO + 1))
@example(5, 21)  # the mean of their logarithms is not quite one of them
@example(300, 26)
def test_whatever_the_same_values_are_they_leave_no_doubt(value: int, n: int):
    interval = geometric_mean_interval([value] * n, "TTR")
    assert interval is not None
    assert interval.low == interval.high == pytest.approx(value)
    assert smallest_change_seen([value] * n) is None


@pytest.mark.parametrize("others", [1, 10, 20])
def test_what_rounding_alone_sets_apart_has_an_interval_too(others: int):
    value = 7.3
    interval = geometric_mean_interval([value] * 20 + [value + 4e-15] * others, "TTR")
    assert interval is not None
    assert [interval.low, interval.high] == pytest.approx([value, value])


@pytest.mark.parametrize("values", [[1.0] * 19 + [2.0], [1.0] * 10 + [2.0] * 10, [3.0] * 29 + [1e9]])
def test_an_interval_is_told_also_where_many_values_are_the_same(values: list[float]):
    interval = geometric_mean_interval(values, "TTR")
    assert interval is not None
    assert 0 < interval.low < geometric_mean(values) < interval.high < math.inf


@given(st.lists(SECONDS, min_size=1, max_size=40).map(sorted))
def test_where_all_is_over_the_kaplan_meier_median_is_a_value_at_the_middle(values: list[int]):
    median = median_with_open(Lasted(value, is_over=True) for value in values)
    assert median == values[(len(values) - 1) // 2]


@given(st.lists(st.tuples(SECONDS, st.booleans()), min_size=1, max_size=40))
def test_the_kaplan_meier_median_is_the_references(lasted: list[tuple[int, bool]]):
    survival = stats.ecdf(
        stats.CensoredData(
            uncensored=[seconds for seconds, is_over in lasted if is_over],
            right=[seconds for seconds, is_over in lasted if not is_over],
        )
    ).sf
    reached = [at for at, left in zip(survival.quantiles, survival.probabilities, strict=True) if left <= 0.5 + 1e-9]
    expected = reached[0] if reached else None
    assert median_with_open(Lasted(seconds, is_over=is_over) for seconds, is_over in lasted) == expected


def test_what_still_goes_on_counts_as_at_least_so_long():
    over = [Lasted(60, is_over=True), Lasted(120, is_over=True), Lasted(180, is_over=True)]
    assert median_with_open(over) == 120
    assert median_with_open([*over, *[Lasted(150, is_over=False)] * 2]) == 180
    assert median_with_open([*over, *[Lasted(200, is_over=False)] * 8]) is None


def test_the_mean_is_exact():
    assert mean([1e16, 1.0, -1e16]) == pytest.approx(1 / 3)


def test_the_more_incidents_the_smaller_a_change_that_can_be_seen():
    few, many = smallest_change_seen(durations(20)), smallest_change_seen(durations(2_000))
    assert few is not None
    assert many is not None
    assert 1 < many < 1.25 < few
    assert smallest_change_seen(durations(GEOMETRIC_INTERVAL_FROM - 1)) is None


def test_a_change_of_that_size_is_noticed_in_four_of_five_cases():
    chance, n, noticed = random.Random(5), 40, 0
    factor = math.exp((stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) * 1.2 * math.sqrt(2 / n))
    for _ in range(400):
        before = [chance.gauss(8, 1.2) for _ in range(n)]
        after = [chance.gauss(8, 1.2) + math.log(factor) for _ in range(n)]
        noticed += stats.ttest_ind(before, after).pvalue < 0.05
    assert 0.74 < noticed / 400 < 0.86
    assert smallest_change_seen([math.exp(8 + 1.2 * z) for z in stats.norm.ppf([(i + 0.5) / n for i in range(n)])]) == (
        pytest.approx(factor, rel=0.1)
    )


@pytest.mark.parametrize("factor", [1.0, 1.15, 1.3, 1.6, 1.9, 2.5, 0.5])
@pytest.mark.parametrize("n", [30, 200])
def test_a_change_is_more_than_chance_where_the_two_sample_test_says_so(factor: float, n: int):
    for seed in range(20):
        before, after = durations(n, seed), [value * factor for value in durations(2 * n, seed + 100)]
        changed = geometric_mean(after) / geometric_mean(before)
        noticed = [smallest_change_seen(values) or 1.0 for values in (before, after)]
        chance = stats.ttest_ind(*([math.log(one) for one in values] for values in (before, after)), equal_var=False).pvalue
        if abs(chance - 0.05) > 0.01:  # Student's is a little wider than the normal
            assert is_beyond_chance(changed, *noticed) == (chance < 0.05), (factor, n, seed)


def test_where_all_are_the_same_any_change_is_more_than_chance():
    assert is_beyond_chance(1.01, 1.0, 1.0)
    assert not is_beyond_chance(1.0, 1.0, 1.0)
