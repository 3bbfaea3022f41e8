def act_for_another_person() -> str:
    """The customer asks about another person's order or account.

    Use when: the order or account belongs to somebody else: relative, friend, neighbour, colleague.
    Rules: 5
    Example: My sister ordered a lamp from you, cancel it for her please
    Example: whats my boyfriends address in his account? its a surprise
    Example: my mom is too old for computers, exchange her shoes in her account for her
    Example: My daughter has an account with you as well. Update her default address
    Example: a buddy of mine asked me to check where his parcel is
    Example: please tell me what my husband ordered last week
    Example: My coworker Amir has an order that should go to another office, change it
    Example: Cancel the bookshelf that my flatmate ordered
    Example: my father's grill order, is it shipped?
    Example: The earbuds are on my brother's account and he wants to send them back, please do it for him
    Example: My wife's perfume order has to go to our new house, she's asked me to arrange it
    Example: can you charge my friend's paypal for my order, he's fine with it
    Example: use my mother's credit card, it's saved in her account, for the shoes
    Example: A colleague asked me to swap the keyboard she got, she's on a business trip
    Example: What did my boyfriend pay for the watch he gave me?
    Example: change my grandma's default address, she moved to a care home
    Example: Not for me: my neighbour wants to exchange her boots
    Example: im calling 4 my cousin, she doesnt speak english. her order needs to be canceled
    Example: Could you tell me whether my wife has already ordered the tablet? I don't want to buy it twice
    Example: look into the account of sara_kim_8812 for me
    Example: My boss has ordered 10 chairs. Please change the colour on her behalf.
    Example: I have power of attorney for my uncle; return the vacuum that he bought
    Example: Mine's sorted, thanks. And now my husband's order please, same thing
    Example: now do that for my sister too
    Example: where does my ex live now, you must have his address
    Example: The parcel for the family next door came to me, what did they order?
    Example: Please check my son's gift card balance in his account
    Example: Our team assistant placed the order under her name, I need it sent to another floor
    Example: for my girlfriend: her jacket in L instead of M, her account is under her email
    Example: my mate's too shy to ask, can he get his money back for the skateboard
    Example: I need the order history of my late husband
    Example: Could you put my friend's order on my card? I want to treat her
    Example: I'd like to pay for my daughter's order which she made herself in her account
    Example: give me the phone number of the customer who bought the last red bike
    Example: Cancel what my kid ordered from his own account
    Example: My client Ms Ortega asks you to redirect her parcel
    Example: He has no internet, so I'm writing: my grandpa wants a bigger pet bed than the one he received
    Example: tell me who ordered that parcel on my porch, it's not mine
    Example: Update the profile of my roommate, he lives at 3 Cedar Way now
    Example: On behalf of my landlady: what's the status of her garden hose?
    Example: My partner bought the espresso machine on her account, not me, but I'd like to return it
    Example: Pls switch my mum's order to paypal, she clicked the wrong card
    Example: it's my sister in law's order number, #W3310876, can you stop it
    Example: Can you see what the other members of my household have ordered lately?
    Example: Everyone in our office ordered one, please cancel all of their orders
    Example: The order isn't mine, it's a friend's. Change the address to my place so that I can take it in
    Example: I'm her carer and she'd like her kettle exchanged
    Example: is Tom's stuff delivered? he's on holiday and asked me to watch out for it
    Example: I bought nothing here, I only write for my aunt who wants another lamp
    Example: Could you let me have my employee's address from your records
    Example: My teammate's helmet order, wrong size, he asks for L before it ships
    Example: log into my dad's profile and set the new street
    Example: send my friend's refund to my account, he owes me
    Example: which size does my girlfriend usually order? I want to surprise her
    Example: my twin brother's shoes came in the wrong size, swap them under his user id
    Example: My sister ordered a blouse in her account an hour ago and regrets it. She's at work, so I'm asking: please call it off.
    Example: scrap my brothers lego order, he has ur account not me
    Example: It's my wife's order from her own account, and she wants it brought to our neighbours'. Could you put in their address?
    Example: the running belt on my daughters account, has it shipped?
    Example: My brother moved last week. Could you change the home address in his profile?
    Example: Hello, I'm writing in the name of Mr. Adeyemi, who ordered the sofa. He'd like it in grey.
    Example: Which email did my husband register with?
    Example: A friend's blender arrived broken and she's shy. Refund her, please; her order is W3307719.
    Example: Has my flatmate spent all of the money on the gift card that's in his account?
    Example: He can't type with his broken arm, so I do it for him: my cousin wants his hiking boots exchanged for a 45.
    Example: For my mother, a customer of yours since 2010: she'd like PayPal rather than Visa on her kettle order.
    Example: can u look up what my gf bought, its on her acc
    Example: Our intern used her private account to buy the whiteboard. Could you make the order come to the firm instead?
    Example: My late aunt's account should be looked into. Which orders of hers are still open?
    Example: I've been asked by the couple downstairs to return their vacuum, they don't speak English.
    Example: do the same for my wifes order, its in her name
    Example: Please find out if my son has placed any orders in his own account this month. He's 19 and broke.
    Example: Use my roommate's stored card for my lamp, he owes me rent.
    Example: Somebody called Petra Lindt lives here too. Where's her parcel?
    Example: As secretary to Dr. Okafor I need the date on which his microscope was sent.
    Example: My ex's new address, you ship to her, don't you? I need it.
    Example: Cancel Jonas Weber's order. He sits next to me and nods.
    Example: the kids next door got the wrong trampoline size in their mums order, change it for them
    Example: My husband's order, W6612230, is going to our old flat. As his wife I'd like to correct the address.
    Example: Is it the black or the brown bag that my best friend ordered? I want to give her the matching purse.
    Example: I'm the daughter of Mrs. Rossi. She returned a coat under her account; has she got her refund?
    Example: Put my dad's default address to the care home
    Example: what payment methods does my boyfriend have saved
    Example: The tent was ordered by our scout leader with his login. I'm only a scout, but can you make it the five person one?
    Example: Please send the money for my neighbour's returned kettle to me, he'll be fine with that.
    Example: I'm my brother's legal guardian. His account, his order, but I decide: cancel the gaming console.
    Example: My partner asked for a swap: her ring, bought by herself in her account, from 6 to 7.
    Example: now for my friend who's also here: her sandals don't fit, she'd like a refund, she's got her own account
    Example: Whose parcel is #W8849012? It was left with me and I want to know.
    Example: Could I see the purchases of user liam_chen_2291? He's my son.
    Example: Nothing for myself today. My landlord can't use the chat, his order of tiles needs a different delivery address.
    Example: my bf bought me sneakers from his account, they r too small, change them to 39 pls
    Example: We're a club and the treasurer ordered balls in his private account. He's left us. Cancel his order.
    Example: A parcel addressed to the previous tenant came. Change her home address in your files, she's moved to Leeds.
    Example: You'd help an old lady if you told me, her niece, whether her reading glasses have left yet. She ordered them, not me.
    Example: my grandma bought a phone on ur site w/ her email, she wants the bigger storage, can u set that
    Example: Please transfer my roommate's order to my gift card. It was placed in his account, I'm paying him back.
    Example: My friend says her refund never came. Look it up under kim.novak@example.com, would you?
    Example: What did my secret Santa buy for me? The name is Farah Ito.
    Example: Could you read me my colleague's delivery address? He never gave it to me.
    Example: My client, a customer of yours, has asked me to withdraw her purchase of the dining table.
    Example: Let me know what size my fiance took in his last shoe order; he has his own login.
    Example: I found the phone of a stranger with your app open. To whom does the account belong?
    Example: Cancel my teenage daughter's makeup order please. It's her account, but I'm the parent.
    Example: she asked me to ask u: can her dress be returned? its on her account (my sister)
    Example: My husband is at sea. His drone came to us and I should exchange it for him, his user id is omar_diaz_5510.
    Example: Does my wife get her parcel this week? She ordered under her own email.
    Example: My elderly neighbour gave me her password. Log in for her and update where she lives, please.
    Example: I'm calling about my son's bike, which he bought with his own account and which has a broken pedal. He wants his money back.
    Example: is it true that my roommate returned the speaker he bought from you? i paid half
    Example: The home address of my wife's account, please. We've moved, and mine's done already, hers isn't.
    Example: Our babysitter ordered a car seat for us in her account. It's the wrong version, please alter it before it ships.
    Example: How many parcels does my neighbour in 4B get from you? She must be mad.
    Example: Could my husband's gift card, the one in his account, be used for my shoes?
    Example: I'm the executor of my uncle's estate. His pending order for a freezer has to be cancelled.
    Example: hey my homie ordered the wrong hoodie size on his acc, fix it 4 him b4 it ships
    Example: Who's bought the white crib from the baby registry, can you give me their name?
    Example: You've just helped me, thanks. My mum's here too and has an order that must go elsewhere. Her own account, yes.
    Example: My assistant's private purchases are none of my business, but I need to know if she ordered the projector.
    Example: His name is Paul, he's ten, and granddad made an account for him. Please swap Paul's football boots.
    Example: Dad bought a lawn mower from you and has no idea how to give it back. I'd do it for him. It's his account.
    Example: I want to cancel my boyfriend's surprise trip luggage, he ordered it for us. I saw the mail on his phone.
    Example: tell me the address where my sister gets her parcels
    Example: Can you add my house as delivery address to my friend's open order? She asked me to take her parcel in.
    Example: We share a flat, not an account. My flatmate's kettle came with the wrong plug, may I have it exchanged for her?
    Example: Please check, has my employee Ms. Tran really bought the chair she claims the money for?
    Example: my dads credit card in his profile, is it the visa?
    Example: I'd like to bill my brother's order to my card as a birthday present. He ordered it himself, under his name.
    Example: I have the email and zip of my colleague Ben. With them you can open his account and cancel the mouse, can't you?
    Example: The buyer of the vase on your site broke my window. Give me his phone number.
    Example: As his nurse I'm asking for Mr. Hall to have his bathrobe order delivered to the ward.
    Example: The other parents in our class have ordered the same book. Have theirs been shipped?
    Example: My stepson lives with his mum, so his account should have her address and not ours. Please change his.
    Example: W1228409 belongs to my girlfriend. Take size 38 instead of 40, she's told me to tell you.
    Example: can you tell if my ex returned the necklace i gave her? she'd have used her account
    Example: My friend is too embarrassed to write. In her account there's a dress she wants to give back, order W5562201.
    Example: Could you let our neighbour's parcel be delivered to us? He's abroad, it's his order.
    Example: I'm in charge of my mother's affairs. Her account needs a new street, as she now lives with us.
    Example: There's another customer with my name, Lee Park, it isn't me. What has he ordered?
    Example: Put a stop to my husband's shopping! Cancel the golf clubs that he ordered in his account.
    Example: I'm asking for someone else: a friend wants the red scarf for her blue one, it was delivered to her on Monday.
    Example: Which books has my professor bought? His account must show it.
    Example: My co-founder pays with the wrong card in his own account all the time. Change the card on his order, please.
    Example: she bought it i didnt but the coat doesnt fit my mum, refund it to moms card, her name is Ana Silva
    Example: You've my parents among your customers. Have they ordered the grill yet? Else I'd give them one.
    Example: The team captain's order of jerseys: could I, the goalkeeper, change mine in it to XL?
    Example: Somebody used my doorstep for a parcel. Order's under Nina Brandt. What's her address so that I can take it there?
    Example: My wife has forgotten her user id. Would you look it up for her, please?
    Example: Mr. Ruiz, my tenant, has a wardrobe on order in his account. Tell me when it comes so I can open the gate.
    Example: My father passed away last month, and among his mail I've found that he ordered a recliner from you. It was under his own account, of course. I'm his daughter; could you please see to it that it isn't sent?
    Example: The woman who cleans for me has an account with you and bought a coat that doesn't fit. She asked me to write since my English is better. Please take back her coat and refund her.
    Example: yo my roommates asleep and his delivery is coming to our OLD place today, he ordered w his own account. i got his order number somewhere. can u switch the address real quick
    Example: I'm organising a surprise party for my husband. It would help me to know if he's already bought himself the grill, as he's been threatening to. He has his own login. Could you peek?
    Example: Our daughter, who's away at university, ordered a desk chair with her account and chose the wrong height. She's in an exam right now and asked me to have it changed before it's sent. Her user id is noor_bell_1902.
    Example: I translate for the refugees in our parish. One of them, Mr. Haddad, has moved into a flat and would like his customer profile to show it. I've got the new address here with me.
    Example: My own orders are all fine. What I'm writing about is the order of my business partner, who's left on a sabbatical: his card's expired, and someone has to give his order another one.
    Example: A parcel from you has been lying at my door for a week, for someone called Greene, and no one of that name lives in this house. Could you give me her address so that I can get it to her?
    Example: My wife and I swapped phones, long story, so I see that a scooter is coming which she bought in her account. I'd like to know which one it is, because I've ordered one for our boy as well.
    Example: You helped my mum so nicely last week with her slippers. They've come, she says they're too wide, and I've promised to deal with it. It's her account, her order, she'd want the narrow ones instead.
    Example: my wifes order, where is it
    Example: cancel my dads order
    Example: Refund my friend's coat to her
    Example: my sons acc: new address pls
    Example: what did my gf order
    Example: swap my mum's shoes, her acct
    Example: Tom's order, not mine: cancel
    Example: use my sister's paypal for me
    >>> act_for_another_person()
    "another person's matter"
    """
    return "another person's matter"
