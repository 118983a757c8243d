"""What is counted, read by the parser of those who define the format."""

from typing import Iterator

import httpx2
import openai
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.core import Metric

from harness import SDKTest, on_both_faces
from harness.stack import TOKEN


@on_both_faces
class Metrics(SDKTest):
    def families(self) -> dict[str, Metric]:
        transport = httpx2.HTTPTransport(uds=self.uds)
        headers = {"Authorization": f"Bearer {TOKEN}"}
        with httpx2.Client(base_url=self.root_url, transport=transport, headers=headers, trust_env=False) as client:
            answer = client.get("/metrics")
        self.assertIn("application/openmetrics-text", answer.headers["content-type"])
        return {family.name: family for family in text_string_to_metric_families(answer.text)}

    def values(self, name: str) -> Iterator[float]:
        return (sample.value for sample in self.families()[name].samples)

    def test_every_family_is_read(self) -> None:
        question = self.question()
        for _ in range(2):
            self.client.chat.completions.create(**question)
        with self.assertRaises(openai.APIStatusError):
            self.client.chat.completions.create(**self.question(model="sandbox/status?code=418"))
        families = self.families()
        for name, family in families.items():
            self.assertTrue(family.documentation, name)
            self.assertTrue(name.startswith(("promptd_", "process_")), name)
        calls = families["promptd_upstream_call_seconds"]
        self.assertEqual(calls.type, "histogram")
        counts = [sample.value for sample in calls.samples if sample.name.endswith("_count")]
        self.assertGreaterEqual(sum(counts), 2)
        self.assertGreater(next(self.values("process_resident_memory_bytes")), 1 << 20)

    def test_answers_are_counted_by_client_class_model_and_outcome(self) -> None:
        question = self.question(model="sandbox/counted")
        for _ in range(2):
            self.client.chat.completions.create(**question)
        counted = {
            sample.labels["outcome"]: sample.value
            for sample in self.families()["promptd_answers"].samples
            if sample.labels["model"] == "sandbox/counted" and sample.name.endswith("_total")
        }
        self.assertEqual(counted, {"miss": 1, "hit": 1})

    def test_models_make_no_family_grow_without_end(self) -> None:
        for number in range(60):
            self.client.chat.completions.create(**self.question(model=f"sandbox/echo-{number}"))
        before = sum(len(family.samples) for family in self.families().values())
        for number in range(60, 80):
            self.client.chat.completions.create(**self.question(model=f"sandbox/echo-{number}"))
        after = sum(len(family.samples) for family in self.families().values())
        self.assertEqual(before, after)
