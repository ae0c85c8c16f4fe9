"""Programs at random, small and full of the questions that dynamic scope asks: shadowing, assignment to the variables of
callers, conditional declaration, loops, nested and anonymous functions, elements changed in place."""

import random

VARIABLES = ["a", "b", "c", "d", "e"]
FUNCTIONS = ["f", "g", "h"]
CLOSURES = ["k", "m"]
FIELDS = ["x", "y"]
# What loops and calls have before they end the program: no generated program runs forever.
FUEL = 150


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.depth = 0
        self.loops = 0
        self.in_function = False
        self.sessions = []
        self.shared = []

    def program(self):
        lines = ["Focus {", f"    induce fuel = {FUEL};"]
        if self.chance(0.3):
            lines += self.session()
        if self.chance(0.3):
            # A name of its own: where a global variable has it, too, the reference contradicts itself.
            self.shared = ["s"]
            lines.append(f"    sharedTrance induce s = {self.literal()};")
        for name in VARIABLES:
            if self.chance(0.7):
                lines.append(f"    induce {name} = {self.literal()};")
        for name in FUNCTIONS + CLOSURES:
            if self.chance(0.7):
                lines.append(f"    suggestion {name}({self.variable()}) {{ awaken {self.expression(2)}; }}")
        for _ in range(self.random.randint(5, 14)):
            statement = self.statement(2)
            # An error ends the statement, not the program; neither block opens a scope.
            lines += ["    try {", *statement, "    } catch (error) { observe error; }"] if self.chance(0.9) else statement
        names = VARIABLES + ["result"]
        lines += [f"    try {{ observe \"{name} \" + {name}; }} catch {{ observe \"no {name}\"; }}" for name in names]
        return "\n".join(lines + ["} Relax", ""])

    def chance(self, share):
        return self.random.random() < share

    def one(self, choices):
        return self.random.choice(choices)

    def variable(self):
        return self.one(VARIABLES)

    # MARK: Statements

    def block(self, level, guarded=False):
        self.depth += 1
        pad = "    " * (level + 1)
        lines = [f"{pad}fuel = fuel - 1; if (fuel < 0) {{ Exit(9); }}"] if guarded else []
        for _ in range(self.random.randint(1, 4 if self.depth < 3 else 2)):
            lines += self.statement(level + 1)
        self.depth -= 1
        return lines

    def statement(self, level):
        pad = "    " * level
        simple = [
            (12, lambda: [f"{pad}{self.declaration()};"]),
            (12, lambda: [f"{pad}{self.one(VARIABLES + self.shared)} = {self.expression(3)};"]),
            (8, lambda: [f"{pad}observe {self.expression(3)};"]),
            (3, lambda: [f"{pad}observe {self.variable()} + \" \" + {self.variable()};"]),
            (5, lambda: [f"{pad}{self.call()};"]),
            (5, lambda: [f"{pad}{self.one(CLOSURES)} = {self.closure(level)};"]),
            (4, lambda: [f"{pad}{self.variable()}[{self.expression(1)}] = {self.expression(2)};"]),
            (4, lambda: self.push(pad)),
            (1, lambda: [f"{pad}{self.variable()}.{self.one(FIELDS)} = {self.expression(2)};"]),
            (1, lambda: [f"{pad}observe ArrayPop({self.variable()});"]),
            (1, lambda: [f"{pad}anchor {self.variable()} = {self.expression(2)};"]),
            (1, lambda: [f"{pad}oscillate {self.variable()};"]),
            (1, lambda: [f"{pad}result = {self.expression(2)};"]),
            (2, lambda: [f"{pad}{self.place()} = {self.expression(2)};"]),
            (1, lambda: [f"{pad}induce [{self.variable()}, {self.variable()}] = {self.expression(2)};"]),
            (1, lambda: [f"{pad}throw {self.expression(2)};"]),
        ]
        if self.in_function:
            simple.append((4, lambda: [f"{pad}awaken {self.expression(2)};"]))
        if self.loops:
            simple.append((3, lambda: [f"{pad}{self.one(['snap', 'sink'])};"]))
        if self.depth < 4:
            simple += [
                (7, lambda: self.conditional(level)), (4, lambda: self.while_loop(level)),
                (5, lambda: self.counting_loop(level)), (2, lambda: self.for_each(level)),
                (7, lambda: self.function(level)), (2, lambda: self.entrain(level)), (3, lambda: self.attempt(level)),
            ]
        total = self.random.uniform(0, sum(weight for weight, _ in simple))
        for weight, make in simple:
            total -= weight
            if total <= 0:
                return make()
        return simple[0][1]()

    def place(self):
        steps = [f".{self.one(FIELDS)}", f"[{self.atom()}]"]
        return self.variable() + self.one(steps) + self.one(steps)

    def push(self, pad):
        # Of two errors, that of the array and that of the value, either may come first.
        name = self.variable()
        return [f"{pad}if (IsArray({name})) {{ ArrayPush({name}, {self.expression(2)}); }}"]

    def declaration(self):
        word = self.one(["induce", "induce", "induce", "induce", "freeze", "implant"])
        value = f" = {self.expression(3)}" if self.chance(0.9) else ""
        return f"{word} {self.variable()}{value}"

    def conditional(self, level):
        pad = "    " * level
        if self.chance(0.1):
            return [f"{pad}if ({self.condition()}) {self.declaration()}; else {self.variable()} = {self.atom()};"]
        lines = [f"{pad}if ({self.condition()}) {{", *self.block(level)]
        if self.chance(0.4):
            lines += [f"{pad}}} else {{", *self.block(level)]
        return lines + [f"{pad}}}"]

    def looping(self, head, level):
        pad = "    " * level
        self.loops += 1
        lines = [f"{pad}{head} {{", *self.block(level, guarded=True), f"{pad}}}"]
        self.loops -= 1
        return lines

    def while_loop(self, level):
        return self.looping(f"while ({self.condition()})", level)

    def counting_loop(self, level):
        name = self.one(VARIABLES + ["i", "j"])
        start = self.one([f"induce {name} = 0", f"{name} = 0"])
        step = self.one(["1", "1", "2", "0.5"])
        limit = self.one(["3", "4", "2", self.variable()])
        relation = self.one(["<", "<="])
        word = self.one(["loop", "loop", "for", "pendulum"])
        return self.looping(f"{word} ({start}; {name} {relation} {limit}; {name} = {name} + {step})", level)

    def for_each(self, level):
        return self.looping(f"for ({self.one(VARIABLES)} in {self.one([self.array(1), self.variable()])})", level)

    def function(self, level):
        pad = "    " * level
        return [f"{pad}suggestion {self.one(FUNCTIONS)}({self.parameters()}) {{", *self.body(level), f"{pad}}}"]

    def parameters(self):
        names = self.random.sample(VARIABLES, self.one([0, 1, 1, 2]))
        if names and self.chance(0.1):
            # Computed at the call, in the new scope.
            names[-1] += f" = {self.expression(1)}"
        return ", ".join(names)

    def body(self, level):
        outer = (self.loops, self.in_function)
        self.loops, self.in_function = 0, True
        lines = self.block(level, guarded=True)
        if self.chance(0.6):
            lines.append("    " * (level + 1) + f"awaken {self.expression(2)};")
        self.loops, self.in_function = outer
        return lines

    def closure(self, level):
        # Most are short: those run alone, without binding what they captured.
        if self.chance(0.6) or self.depth > 3:
            assigned = self.variable()
            first = self.one([
                f"{assigned} = {self.expression(1)}; ", f"if ({self.condition()}) {{ {assigned} = {self.atom()}; }} ",
                f"induce {assigned} = {self.atom()}; ", "", ""])
            return f"suggestion ({self.parameters()}) {{ {first}awaken {self.expression(2)}; }}"
        inner = "\n".join(self.body(level))
        return f"suggestion ({self.parameters()}) {{\n{inner}\n" + "    " * level + "}"

    def entrain(self, level):
        pad = "    " * level
        lines = [f"{pad}entrain {self.expression(2)} {{"]
        patterns = ["0", "1", "true", self.variable(), f"[{self.variable()}, ...{self.variable()}]",
                    f"{self.variable()}: number"]
        for _ in range(self.random.randint(1, 3)):
            guard = f" if {self.condition()}" if self.chance(0.3) else ""
            lines += [f"{pad}    when {self.one(patterns)}{guard} => {{", *self.block(level + 1), f"{pad}    }}"]
        lines += [f"{pad}    otherwise => {{", *self.block(level + 1), f"{pad}    }}"]
        return lines + [f"{pad}}};"]

    def attempt(self, level):
        pad = "    " * level
        lines = [f"{pad}try {{", *self.block(level)]
        name = self.one(["", f" ({self.variable()})"])
        lines += [f"{pad}}} catch{name} {{", *self.block(level)]
        if self.chance(0.2):
            lines += [f"{pad}}} finally {{", *self.block(level)]
        return lines + [f"{pad}}}"]

    def session(self):
        self.sessions.append("S")
        lines = ["    session S {", f"        expose x = {self.expression(1)};", f"        conceal y = {self.atom()};"]
        lines += [f"        suggestion constructor({self.variable()}) {{ this.x = {self.expression(1)}; }}"]
        lines += [f"        suggestion go({self.variable()}) {{", *self.body(2), "        }"]
        lines += ["        suggestion add(n) { this.y = (this.y + n) % 7; awaken this.y; }", "    }"]
        return lines

    # MARK: Expressions

    def condition(self):
        left, right = self.atom(), self.atom()
        return self.one([
            f"{left} {self.one(['<', '<=', '>', '>=', '==', '!='])} {right}", f"{left} == null", f"null != {left}",
            f"{left} != null", f"!{left}", f"{left} && {right}", f"{left} || {right}",
            f"{left} % {self.divisor()} == {self.one(['0', '1'])}", left])

    def divisor(self):
        return self.one(["2", "3", "7", "10", "1", "0", "2.5", "4294967296", "1000003", self.variable()])

    def atom(self):
        return self.one([self.variable(), self.variable(), self.one(VARIABLES + self.shared), self.literal()])

    def literal(self):
        return self.one(["0", "1", "2", "3", "10", "0.5", "\"t\"", "\"7\"", "true", "false", "null", "[]", "[1, 2]",
                         "{x: 1}", "9007199254740993", "1000000"])

    def array(self, level):
        return "[" + ", ".join(self.expression(level - 1) for _ in range(self.random.randint(0, 3))) + "]"

    def call(self):
        arguments = ", ".join(self.atom() for _ in range(self.one([0, 1, 1, 2])))
        if self.sessions and self.chance(0.2):
            return self.one([f"{self.variable()}.go({arguments})", f"{self.variable()}.add({self.atom()})", f"S({arguments})"])
        return f"{self.one(FUNCTIONS + CLOSURES + CLOSURES + ['a'])}({arguments})"

    def callback(self):
        return self.one([
            self.one(FUNCTIONS + CLOSURES), f"suggestion ({self.variable()}) {{ awaken {self.expression(1)}; }}",
            f"suggestion ({self.variable()}) {{ {self.variable()} = {self.atom()}; awaken {self.condition()}; }}"])

    def higher(self):
        array = self.one([self.array(1), self.variable()])
        name = self.one(["ArrayMap", "ArrayFilter", "ArrayFind", "ArraySome", "ArrayEvery", "ArrayForEach"])
        if self.chance(0.2):
            return f"ArrayReduce({array}, {self.one(FUNCTIONS + CLOSURES)}, {self.atom()})"
        return f"{name}({array}, {self.callback()})"

    def expression(self, level):
        if level <= 0 or self.chance(0.25):
            return self.atom()
        inner = lambda: self.expression(level - 1)
        return self.one([
            lambda: f"{inner()} {self.one(['+', '-', '*', '/', '%'])} {inner()}",
            lambda: f"({inner()} + {inner()}) % {self.divisor()}",
            lambda: f"({inner()} * {inner()}) % {self.divisor()}",
            lambda: f"{inner()} + {inner()} + {inner()}",
            lambda: f"{inner()} % {self.divisor()}",
            lambda: f"({self.condition()})",
            lambda: f"-{self.atom()}",
            self.call, self.call,
            lambda: self.array(level),
            lambda: f"{self.variable()}[{inner()}]",
            lambda: f"{self.variable()}.{self.one(FIELDS)}",
            lambda: f"{{x: {inner()}, y: {inner()}}}",
            lambda: f"({self.variable()} = {inner()})",
            lambda: f"({inner()} ?? {inner()})",
            lambda: f"ArrayLength({inner()})",
            lambda: f"Length({inner()})",
            lambda: f"ToBoolean(ToString({inner()}))",
            lambda: f"ToString({inner()})",
            lambda: f"Repeat(ToString({inner()}), ({inner()}) % 3)",
            lambda: f"ArrayContains({self.array(1)}, {inner()})",
            lambda: self.one(FUNCTIONS),
            self.higher,
            lambda: f"({self.variable()}?.{self.one(FIELDS)} ?? {self.variable()}?.[{self.atom()}])",
            lambda: f"({self.variable()} with {{{self.one(FIELDS)}: {inner()}}})",
            lambda: f"{self.variable()}?.({self.atom()})",
        ])()
