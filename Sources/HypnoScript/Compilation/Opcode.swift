/// What an instruction does. `A`, `B`, `C` are the 16-bit fields of `Instruction`, `R[x]` a register,
/// `K[x]` a constant, `wide` and `offset` the 24 bits that overlap C. "next word" is a second word of the
/// instruction.
enum Opcode: UInt8, CaseIterable {
    // Values: R[A] = …
    case halt
    case move  // R[B]
    case loadConstant  // K[wide]
    case function  // the function value of prototype `wide`

    // Names with a cell. Cell `wide`; B is the register with the trail mark of the innermost scope,
    // `globalScope` if there is none.
    case getCell  // R[A] = the binding's value
    case setCell  // the binding's value = R[A], or a new binding
    case declareCell
    case declareConstantCell
    case declareShared  // B = 1: constant
    case mark  // R[A] = length of the trail
    case unwind  // take back bindings down to the mark R[A]

    // R[A] = R[B] op R[C]
    case add, subtract, multiply, divide, remainder
    // R[A] = R[B] op K[C]
    case addConstant, subtractConstant, multiplyConstant, divideConstant, remainderConstant
    // By a whole constant, in the two next words (`WholeDivisor`): R[A] = R[B] % it, (R[B] + R[C]) % it
    case remainderWhole, addRemainderWhole
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
    case and, or
    // R[A] = op R[B]
    case negate, not
    case toggle  // R[A] = not R[A], which must be a boolean; symbol `wide`

    // pc += offset …
    case jump
    case jumpIfTrue, jumpIfFalse  // … by R[A]
    case jumpIfNull, jumpIfNotNull
    // … if (or if not) R[A] op R[B]. `not` differs from the opposite comparison where NaN is involved.
    case jumpIfEqual, jumpIfNotEqual
    case jumpIfLess, jumpIfLessOrEqual, jumpIfGreater, jumpIfGreaterOrEqual
    case jumpIfNotLess, jumpIfNotLessOrEqual, jumpIfNotGreater, jumpIfNotGreaterOrEqual
    // … the same with K[B]
    case jumpIfEqualConstant, jumpIfNotEqualConstant
    case jumpIfLessConstant, jumpIfLessOrEqualConstant, jumpIfGreaterConstant, jumpIfGreaterOrEqualConstant
    case jumpIfNotLessConstant, jumpIfNotLessOrEqualConstant
    case jumpIfNotGreaterConstant, jumpIfNotGreaterOrEqualConstant
    // R[A] += K[next word's B], then as above: the end of most counting loops.
    case stepAndJumpIfLess, stepAndJumpIfLessOrEqual
    case stepAndJumpIfLessConstant, stepAndJumpIfLessOrEqualConstant

    // Containers: R[A] = …
    case index, indexOptional  // R[B][R[C]]
    case array  // of the C registers from R[B]
    case appendItems  // R[A] is a fresh array: append the C registers from R[B]
    case requireType  // fails unless record type `wide` is registered
    case registerType  // of name `wide`: declaration A · 2¹⁶ + B, halved; odd for `record`
    case record  // of shape `wide` with the registers from R[B]; next word: their number, the type above
    case getField  // R[B].symbol `wide`; next word: cache of key and slot
    case setField  // R[B].symbol `wide` = R[A]; next word: cache
    case getThisField, setThisField  // slot `wide` of R[0], known to be an instance of the method's own class

    // Calls. R[A] = result; R[A+2] = callee or `this`; R[A+3]… = arguments, B of them.
    case call  // R[C], which goes to R[A+2]
    case moveAndCall  // `move`, then the `call` that follows
    case callDirect  // prototype B
    case callChecked  // prototype B, once cell `wide` is bound: then it becomes `callDirect`
    case callThis  // prototype `wide` with `this` in place
    case callMember  // R[A+2].symbol `wide`; next word: cache of key and prototype
    case callBuiltin  // builtin `wide`; the arguments start at R[A]
    case callUnary  // builtin `wide` of R[B] alone
    case count  // of the elements of R[B]; of anything else builtin `wide`
    case `return`  // R[A]
    case returnNull
    case returnUnwinding  // R[A] after taking back to the mark R[B]

    // Sessions
    case session  // R[A] = a session of class `wide`, static fields null
    case instance  // R[A] = an instance of R[0], fields null
    case initField  // slot `wide` of R[B], a new instance, = R[A]
    case requireConstructor  // fails unless the private constructor of class `wide` is accessible here
    case constructorMismatch  // fails: R[A] arguments for class `wide`

    // Patterns: pc += offset unless …
    case requireKind  // R[A] is of kind B (`PatternType`)
    case requireArray  // R[A] is an array of B elements, with the top bit set: at least
    case requireRecord  // R[A] is a record of the type in the next word
    case requireField  // R[B] has the field in the next word: R[A] = it
    case element  // R[A] = R[B][C], known to exist
    case rest  // R[A] = the elements of R[B] from C on

    // The documented dialect
    case jumpIfBound  // pc += offset if the cell in the next word is bound
    case jumpIfPresent  // pc += offset unless R[A] is an argument that the call left out
    case markCapturing  // R[A] = length of the trail, R[A+1] = no environment yet
    case environment  // R[A] = the environment there, made if it is not there yet
    case closure  // R[A] = prototype (next word) with the captured environments of the C registers from R[B]
    case enterClosure  // as `mark`, then binds what the function in R[0] captured
    // Where the function in R[0] did not bind its captures: as `getCell` and `setCell`, but what it captured
    // comes first; next word: where the function remembers the variable's box.
    case getCaptured, setCaptured
    // `getCaptured` with what follows it: `add`, or `add` to the same register and `setCaptured` of the same
    // variable; and with the `return` behind that. What follows stays where it is: if anything is unusual, these
    // do no more than `getCaptured`, and the loop goes on there.
    case getCapturedAndAdd, addToCaptured
    case getCapturedAddAndReturn, addToCapturedAndReturn
    case getFieldOptional  // R[A] = R[B].symbol `wide`, null where an object has no such key
    case setMember  // as `setField`; a copy goes to R[B] and skips a jump behind the cache
    case setElement  // R[B] = a copy of R[B] with R[C] at the index or key R[A]
    case setOwnElement  // the same where R[B] is a variable's own value: in place if nothing else has it
    case appendOwn  // R[B], a variable's own value, longer by R[A+1]; builtin `wide` of R[A] and R[A+1] else
    case setOwnElementConstant  // as `setOwnElement` with K[C]
    case share  // something else may have the array or object R[A] from here on
    case object  // R[A] = an object with the keys `wide` and the values from R[B]
    case callback  // step of callback `wide` in the window R[A]: calls and comes back here, or goes on

    // Effects and failures
    case output  // R[A] in the manner B (`OutputKind`)
    case suspend
    case fail  // with message `wide`
    case failReturn  // R[A] returned outside a function
}
