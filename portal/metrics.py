"""Figures for a monitoring system: how many requests and how slow, how the store does, what start-up found."""

from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Metrics:
    """One set of figures, of one process."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    requests: Counter = field(init=False)
    seconds: Histogram = field(init=False)
    busy: Gauge = field(init=False)
    ready: Gauge = field(init=False)
    failures: Counter = field(init=False)

    def __post_init__(self) -> None:
        def put(name: str, made: object) -> None:
            object.__setattr__(self, name, made)

        registry = self.registry
        put(
            "requests",
            Counter(
                "zhunsheng_requests", "Requests answered", ["method", "route", "status"], registry=registry
            ),
        )
        put(
            "seconds",
            Histogram(
                "zhunsheng_request_seconds",
                "Time to answer",
                ["method", "route", "status"],
                buckets=_SECONDS,
                registry=registry,
            ),
        )
        put("busy", Gauge("zhunsheng_requests_under_way", "Requests under way", registry=registry))
        put(
            "ready",
            Gauge("zhunsheng_ready", "1 if a check of readiness passed", ["check"], registry=registry),
        )
        put("failures", Counter("zhunsheng_failures", "Errors nobody expected", ["where"], registry=registry))

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request. The route is the pattern, never the address: an address is a stranger's choice."""
        named = (method if method in METHODS else "other", route, f"{status // 100}xx" if status else "none")
        self.requests.labels(*named).inc()
        self.seconds.labels(*named).observe(seconds)

    def text(self) -> bytes:
        """Return all figures in the form monitoring systems read."""
        return generate_latest(self.registry)
