package org.lguest.cpu.decode;

/** The instructions behind the escape opcodes D8 to DF (Intel SDM volume 2, appendix A.5), with the aliases that the manual does not tell. */
public final class Escapes {
    private static final String NONE = "- - - - - - - -";
    private static final String[] MEMORY = {
        "FADD FMUL FCOM FCOMP FSUB FSUBR FDIV FDIVR", "FLD - FST FSTP FLDENV FLDCW FNSTENV FNSTCW",
        "FIADD FIMUL FICOM FICOMP FISUB FISUBR FIDIV FIDIVR", "FILD FISTTP FIST FISTP - FLD - FSTP",
        "FADD FMUL FCOM FCOMP FSUB FSUBR FDIV FDIVR", "FLD FISTTP FST FSTP FRSTOR - FNSAVE FNSTSW",
        "FIADD FIMUL FICOM FICOMP FISUB FISUBR FIDIV FIDIVR", "FILD FISTTP FIST FISTP FBLD FILD FBSTP FISTP"};
    /** By the reg field; {@code *} where the low three bits tell. */
    private static final String[] REGISTER = {
        "FADD FMUL FCOM FCOMP FSUB FSUBR FDIV FDIVR", "FLD FXCH * FSTPNCE * * * *", "FCMOVB FCMOVE FCMOVBE FCMOVU - * - -", "FCMOVNB FCMOVNE FCMOVNBE FCMOVNU * FUCOMI FCOMI -",
        "FADD FMUL FCOM FCOMP FSUBR FSUB FDIVR FDIV", "FFREE FXCH FST FSTP FUCOM FUCOMP - -", "FADDP FMULP FCOMP * FSUBRP FSUBP FDIVRP FDIVP", "FFREEP FXCH FSTP FSTP * FUCOMIP FCOMIP -"};
    private static final String[] OF_D9 = {NONE, NONE, "FNOP - - - - - - -", NONE, "FCHS FABS - - FTST FXAM - -", "FLD1 FLDL2T FLDL2E FLDPI FLDLG2 FLDLN2 FLDZ -",
        "F2XM1 FYL2X FPTAN FPATAN FXTRACT FPREM1 FDECSTP FINCSTP", "FPREM FYL2XP1 FSQRT FSINCOS FRNDINT FSCALE FSIN FCOS"};

    private Escapes() { }

    /**
     * The mnemonic, or {@code -} where there is no instruction.
     *
     * @param esc low three bits of the opcode
     */
    public static String mnemonic(int esc, int modrm) {
        int reg = modrm >>> 3 & 7;
        if (modrm < 0xC0) return MEMORY[esc].split(" ")[reg];
        String m = REGISTER[esc].split(" ")[reg];
        if (!m.equals("*")) return m;
        String row = switch (esc) {
            case 1 -> OF_D9[reg];
            case 2 -> "- FUCOMPP - - - - - -";
            case 3 -> "FNENI FNDISI FNCLEX FNINIT FNSETPM - - -";
            case 6 -> "- FCOMPP - - - - - -";
            default -> "FNSTSW - - - - - - -";
        };
        return row.split(" ")[modrm & 7];
    }

    /** What tells one instruction from another, without the register operand: {@code DB/4r FNCLEX}. */
    public static String form(int esc, int modrm) {
        return String.format("%02X/%d%s %s", 0xD8 | esc, modrm >>> 3 & 7, modrm < 0xC0 ? "m" : "r", mnemonic(esc, modrm));
    }
}
