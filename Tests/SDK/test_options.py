"""What a request asks of promptd: in its body, or in headers."""

import openai

from harness import SDKTest, on_both_faces, told


@on_both_faces
class Options(SDKTest):
    def ask(
        self, headers: dict[str, str] | None = None, **options: object
    ) -> dict[str, object]:
        """What promptd says of one question, asked with these options."""
        raw = self.client.chat.completions.with_raw_response.create(
            **self.question(),
            extra_headers=headers or {},
            extra_body={"promptd": options} if options else {},
        )
        return told(raw.headers)

    def test_options_in_the_body_are_honoured_and_stay_here(self) -> None:
        info = self.ask(priority="low", cache="bypass", timeout=60, label="a test")
        self.assertEqual(info["priority"], "low")
        self.assertEqual(info["cache"], "bypassed")
        self.assert_calls(1)
        self.assertNotIn("promptd", self.calls[0].body)

    def test_what_is_bypassed_is_not_stored(self) -> None:
        self.ask(cache="bypass")
        self.assertEqual(self.ask()["cache"], "miss")
        self.assert_calls(2)

    def test_what_is_refreshed_is_asked_again_and_stored(self) -> None:
        caches = [self.ask()["cache"], self.ask(cache="refresh")["cache"], self.ask()["cache"]]
        self.assertEqual(caches, ["miss", "refreshed", "hit"])
        self.assert_calls(2)

    def test_headers_ask_for_a_class_and_a_way_with_the_cache(self) -> None:
        info = self.ask({"X-Promptd-Priority": "high", "X-Promptd-Cache": "refresh"})
        self.assertEqual([info["priority"], info["cache"]], ["high", "refreshed"])
        self.assertEqual(self.ask({"X-Promptd-Cache": "bypass"})["cache"], "bypassed")
        self.assertEqual(self.ask({"X-Promptd-Cache": "use"})["cache"], "hit")
        self.assertEqual(self.ask({"X-Promptd-Cache": "only"})["cache"], "hit")
        self.assert_calls(2)

    def test_cache_control_no_cache_asks_again_and_stores(self) -> None:
        self.ask()
        self.ask({"Cache-Control": "no-cache"})
        self.assert_calls(2)
        self.assertEqual(self.ask()["cache"], "hit")

    def test_cache_control_no_store_stores_nothing(self) -> None:
        self.ask({"Cache-Control": "no-store"})
        self.assertEqual(self.ask()["cache"], "miss")
        self.assert_calls(2)

    def test_cache_control_max_age_lets_a_young_answer_pass(self) -> None:
        self.ask()
        self.assertEqual(self.ask({"Cache-Control": "max-age=3600"})["cache"], "hit")
        self.assert_calls(1)

    def test_cache_control_only_if_cached_never_calls(self) -> None:
        with self.assertRaises(openai.InternalServerError) as caught:
            self.ask({"Cache-Control": "only-if-cached"})
        self.assertEqual(caught.exception.status_code, 504)
        self.assertEqual(caught.exception.type, "not_cached")
        self.assertEqual(caught.exception.response.headers["x-should-retry"], "false")
        self.assert_calls(0)
        self.ask()
        self.assertEqual(self.ask({"Cache-Control": "only-if-cached"})["cache"], "hit")
        self.assert_calls(1)

    def test_an_option_that_nobody_knows_is_refused_by_its_name(self) -> None:
        with self.assertRaises(openai.BadRequestError) as caught:
            self.ask(nonsense=1)
        self.assertEqual(caught.exception.param, "promptd.nonsense")
        self.assert_calls(0)

    def test_a_header_that_makes_no_sense_is_refused(self) -> None:
        for name in ["X-Promptd-Priority", "X-Promptd-Cache"]:
            with self.subTest(name), self.assertRaises(openai.BadRequestError) as caught:
                self.ask({name: "nonsense"})
            self.assertEqual(caught.exception.type, "invalid_params")
        self.assert_calls(0)
