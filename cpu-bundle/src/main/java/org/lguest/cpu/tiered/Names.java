package org.lguest.cpu.tiered;

import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;

/** Names of the JDK in generated code. */
final class Names {
    static final ClassDesc INT = ConstantDescs.CD_int, LONG = ConstantDescs.CD_long, VOID = ConstantDescs.CD_void;
    static final ClassDesc INTEGER = ConstantDescs.CD_Integer;
    static final ClassDesc DOUBLE = ConstantDescs.CD_Double;
    static final MethodTypeDesc DOUBLE_TO_LONG = MethodTypeDesc.of(LONG, ConstantDescs.CD_double);
    static final MethodTypeDesc INT_TO_INT = MethodTypeDesc.of(INT, INT);

    private Names() { }
}
