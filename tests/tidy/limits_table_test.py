"""Plants what the table of limits must be failed for, and sees that it is."""

import unittest

import limits_table

HEADER = """
struct PlainThing {
  int not_an_option = 1;
};
struct CallLimits {
  CallLimits() = default;
  static CallLimits Few(int n) {
    CallLimits limits;
    if (n > 1) { limits.calls_max = n; }
    return limits;
  }
  enum class Mode { kA, kB };

  // Calls at a time; more are refused.
  unsigned calls_max = 1024;
  absl::Duration timeout =
      absl::Seconds(5);  // what for
  std::map<std::string, int> names;
  std::function<void(const Address& address)> on_reached;
};
"""
DOCUMENT = """
| option | default | when it is reached | test |
|---|---|---|---|
| `CallLimits::calls_max` | 1024 | refused | `Calls.AboveTheLimit` |
| `CallLimits::timeout` | 5 s | ended | `Calls.Late`, `Calls.AboveTheLimit` |

- `CallLimits::names`: names things.
- `CallLimits::on_reached`: a function.
"""
SOURCE = "TEST(Calls, AboveTheLimit) {}\nTEST_F(Calls, Late) {}\n"


class LimitsTable(unittest.TestCase):
    def check(self, header=HEADER, document=DOCUMENT, source=SOURCE):
        return limits_table.problems([header], document, [source])

    def test_fields_are_found(self):
        self.assertEqual(["CallLimits::calls_max", "CallLimits::timeout", "CallLimits::names",
                          "CallLimits::on_reached"],
                         limits_table.fields(HEADER))

    def test_a_whole_table_is_fine(self):
        self.assertEqual([], self.check())

    def test_a_field_without_a_row(self):
        wrong = self.check(header=HEADER.replace("  // Calls at", "  int bytes_max = 7;\n  // Calls at"))
        self.assertEqual(1, len(wrong))
        self.assertIn("CallLimits::bytes_max must be in docs/limits.md once", wrong[0])

    def test_a_field_in_both_lists(self):
        wrong = self.check(document=DOCUMENT + "- `CallLimits::timeout`: no limit.\n")
        self.assertIn("CallLimits::timeout must be in docs/limits.md once", wrong[0])

    def test_a_row_without_a_field(self):
        wrong = self.check(document=DOCUMENT + "- `CallLimits::gone`: was there once.\n")
        self.assertEqual(["docs/limits.md has CallLimits::gone, which no public header declares"], wrong)

    def test_a_row_whose_test_does_not_exist(self):
        wrong = self.check(source=SOURCE.replace("Late", "TooLate"))
        self.assertEqual(["CallLimits::timeout: there is no test Calls.Late"], wrong)

    def test_a_row_without_a_test(self):
        wrong = self.check(document=DOCUMENT.replace("`Calls.AboveTheLimit` |\n| `CallLimits::t", "none |\n| `CallLimits::t"))
        self.assertEqual(["CallLimits::calls_max names no test"], wrong)

    def test_a_disabled_test_is_none(self):
        wrong = self.check(source=SOURCE.replace("Late", "DISABLED_Late"))
        self.assertEqual(1, len(wrong))


if __name__ == "__main__":
    unittest.main()
