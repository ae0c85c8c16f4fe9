extension Unicode.Scalar {
    /// Whether the scalar is Alphabetic or one of the numbers Nd, Nl, No.
    var isLetterOrNumber: Bool {
        properties.isAlphabetic || isNumber
    }

    /// Whether the scalar's category is Nd, Nl or No.
    var isNumber: Bool {
        if isASCII { return ("0"..."9").contains(self) }
        switch properties.generalCategory {
        case .decimalNumber, .letterNumber, .otherNumber: return true
        default: return false
        }
    }
}
