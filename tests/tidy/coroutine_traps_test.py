"""The lint for g++ 12's coroutine traps, on snippets that must and must not be found."""

import unittest

import coroutine_traps


def rules(body):
    source = "Task<absl::Status> Handle(Call& call, const Request& request) {\n" + body + "\n}\n"
    return {rule for _, rule, _ in coroutine_traps.check("rpc/x.cc", source)}


class Bad(unittest.TestCase):
    def test_new_of_an_await(self):
        self.assertIn("new-await", rules("int a = 1;\nauto* p = new Thing(co_await Make());"))

    def test_braced_lists(self):
        self.assertIn("braces-await", rules("std::vector<int> v{co_await A(), co_await B()};"))
        self.assertIn("braces-await", rules("int a = 0;\nUse(Options{1, co_await B()});"))
        self.assertIn("braces-await", rules("auto v = std::vector{co_await A()};"))

    def test_ternary_around_an_await(self):
        self.assertIn("ternary-await", rules("int a = 0;\nauto s = ok ? co_await A() : std::string();"))
        self.assertIn("ternary-await", rules("int a = 0;\nco_await Send(ok ? A() : B());"))

    def test_capturing_lambda_in_the_awaiting_expression(self):
        self.assertIn("lambda-await", rules("int a = 0;\nco_await call.OnWorker([name] { return Work(name); });"))
        self.assertIn("lambda-await", rules("int a = 0;\nco_await Run([=]() mutable { Work(); });"))
        self.assertIn("lambda-await", rules("int a = 0;\nco_await Run(1, [p = std::move(q)](int) { Work(); });"))
        self.assertIn("lambda-await", rules("int a = 0;\nUse([name] { Work(); }, co_await B());"))

    def test_condition_in_a_body_that_declares_nothing(self):
        for head in ("if (!co_await w.Write(1)) co_return Fail();", "while (co_await w.Write(1)) {\n}",
                     "switch (co_await w.Write(1)) { default: break; }", "EXPECT_TRUE(co_await w.Write(1));",
                     "EXPECT_EQ(co_await A(), 1);", "call.Log();\nif (co_await A()) { B(); }",
                     "if (x) { int inner = 1; Use(inner); }\nif (co_await A()) { B(); }",
                     "if (a) {\n} else if (co_await B()) {\n}"):
            with self.subTest(head):
                self.assertIn("condition-await", rules(head + "\nco_return absl::OkStatus();"))

    def test_condition_in_a_lambda_coroutine(self):
        source = "void F() {\n  int a;\n  auto t = [&]() -> Task<void> {\n    if (co_await A()) B();\n  };\n}\n"
        self.assertEqual([(4, "condition-await")],
                         [(line, rule) for line, rule, _ in coroutine_traps.check("rpc/x.cc", source)])


class Good(unittest.TestCase):
    def test_plain_awaits(self):
        for body in ("co_await A();", "auto a = co_await A();\nif (!a.ok()) co_return a.status();",
                     "co_return co_await B(co_await A(), std::string(\"x\"));",
                     "for (int i = 0; i < 3; ++i) { co_await A(i); }",
                     "if (x) { co_await A(); }\nco_return absl::OkStatus();"):
            with self.subTest(body):
                self.assertEqual(set(), rules(body))

    def test_condition_after_a_local(self):
        for local in ("int count = 0;", "auto [a, b] = Pair();", "absl::StatusOr<Reply> reply = co_await A();",
                      "Reply reply;", "const std::string name(\"x\");", "Reply& reply = Get();",
                      "std::unique_ptr<A> a{nullptr};"):
            with self.subTest(local):
                self.assertEqual(set(), rules(local + "\nif (!co_await w.Write(1)) co_return Fail();"))

    def test_condition_in_an_inner_scope(self):
        self.assertEqual(set(), rules("for (;;) {\n  if (!co_await A()) break;\n}"))

    def test_lambda_with_trivial_captures(self):
        for captures in ("", "&", "this", "&name", "&, this"):
            with self.subTest(captures):
                self.assertEqual(set(), rules(f"int a = 0;\nco_await Run([{captures}] {{ return 1; }});"))

    def test_lambda_in_a_statement_of_its_own(self):
        self.assertEqual(set(), rules("auto work = [name] { return 1; };\nco_await Run(work);"))

    def test_ternary_in_a_statement_of_its_own(self):
        self.assertEqual(set(), rules("int a = ok ? 1 : 2;\nco_await Run(a);\nint b = ok ? 1 : 2;"))
        self.assertEqual(set(), rules("int a = 0;\nif (co_await Run(a)) { b = ok ? 1 : 2; }"))

    def test_subscripts_and_blocks(self):
        self.assertEqual(set(), rules("int a = 0;\nco_await table[index](1);\n{\n  co_await B();\n}"))

    def test_words_in_comments_and_strings(self):
        self.assertEqual(set(), rules("// new T(co_await x)\nUse(\"new T(co_await x)\");"))

    def test_leave_with_a_reason(self):
        self.assertEqual(set(), rules("int a = 0;\n// tidy-allow lambda-await: an int is trivial\n"
                                      "co_await Run([a] { return a; });"))
        self.assertIn("lambda-await", rules("int a = 0;\n// tidy-allow lambda-await:\nco_await Run([a] { return a; });"))

    def test_files_that_show_the_traps(self):
        source = "// g++ 12 traps on purpose.\nTask<int> F() { auto* p = new T(co_await A()); }\n"
        self.assertEqual([], list(coroutine_traps.check("tests/rpc/x_test.cc", source)))


if __name__ == "__main__":
    unittest.main()
